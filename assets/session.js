// A session that has ended (signed out elsewhere, unused too long, shut): the next answer says so, and the page goes to sign in.
(function () {
  const ask = window.fetch;
  let leaving = false;
  window.fetch = function () {
    return ask.apply(this, arguments).then(function (answer) {
      const ours = answer.url && new URL(answer.url).origin === location.origin;
      if (ours && answer.status === 401 && !leaving && location.pathname !== "/sign-in") {
        leaving = true;
        location.assign("/sign-in?next=" + encodeURIComponent(location.pathname + location.search));
      }
      return answer;
    });
  };
})();
