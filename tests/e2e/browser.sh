#!/bin/sh
# A browser and Chinese fonts for the end-to-end tests, from Debian's packages where they are missing.
set -e
have_browser() { command -v "${JINGWEI_CHROMIUM:-chromium}" >/dev/null 2>&1; }
have_fonts() { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh 2>/dev/null)" ]; }
if have_browser && have_fonts; then exit 0; fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Install Chromium and a Chinese font (Noto Sans CJK), or set JINGWEI_CHROMIUM to a browser." >&2
    exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig >/dev/null
have_browser || { echo "Chromium could not be installed." >&2; exit 1; }
