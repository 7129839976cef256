// The frame of every page: the theme switch, the language of the dates.
(function () {
  const root = document.documentElement;

  // Everything that is themed reads one attribute; AG Grid reads its own.
  new MutationObserver(function () {
    const scheme = root.getAttribute("data-mantine-color-scheme");
    if (root.getAttribute("data-ag-theme-mode") !== scheme) root.setAttribute("data-ag-theme-mode", scheme);
    window.dispatchEvent(new Event("jingwei:theme"));
  }).observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });

  window["dayjs_locale_zh-cn"] = {
    name: "zh-cn",
    weekdays: "星期日_星期一_星期二_星期三_星期四_星期五_星期六".split("_"),
    weekdaysShort: "周日_周一_周二_周三_周四_周五_周六".split("_"),
    weekdaysMin: "日_一_二_三_四_五_六".split("_"),
    months: "一月_二月_三月_四月_五月_六月_七月_八月_九月_十月_十一月_十二月".split("_"),
    monthsShort: "1月_2月_3月_4月_5月_6月_7月_8月_9月_10月_11月_12月".split("_"),
    ordinal: function (number, period) { return period === "W" ? number + "周" : number + "日"; },
    weekStart: 1,
    yearStart: 4,
    formats: {
      LT: "HH:mm", LTS: "HH:mm:ss", L: "YYYY/MM/DD", LL: "YYYY年M月D日", LLL: "YYYY年M月D日 HH:mm",
      LLLL: "YYYY年M月D日dddd HH:mm", l: "YYYY/M/D", ll: "YYYY年M月D日", lll: "YYYY年M月D日 HH:mm", llll: "YYYY年M月D日dddd HH:mm",
    },
    relativeTime: {
      future: "%s内", past: "%s前", s: "几秒", m: "1 分钟", mm: "%d 分钟", h: "1 小时", hh: "%d 小时",
      d: "1 天", dd: "%d 天", M: "1 个月", MM: "%d 个月", y: "1 年", yy: "%d 年",
    },
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    shell: {
      theme: function (clicks) {
        if (!clicks) return;
        const next = root.getAttribute("data-mantine-color-scheme") === "dark" ? "light" : "dark";
        root.setAttribute("data-mantine-color-scheme", next);
        try { localStorage.setItem("mantine-color-scheme-value", next); } catch (error) { /* storage is off */ }
      },
      language: function (clicks) {
        if (!clicks) return;
        const here = window.location.pathname + window.location.search;
        const other = root.lang.startsWith("zh") ? "en" : "zh";
        window.location.assign("/language/" + other + "?next=" + encodeURIComponent(here));
      },
    },
  });
})();
