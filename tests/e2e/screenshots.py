# SPDX-License-Identifier: ISC
"""Pictures of every page, wide and narrow, light and dark: python3
screenshots.py FOLDER. Look at each."""

import os
import re
import sys
import tempfile

from chrome import Driver
from pages import PAGES, Desk


def main(folder):
    os.makedirs(folder, exist_ok=True)
    driver = Driver()
    with tempfile.TemporaryDirectory() as store:
        desk = Desk(store, driver)
        for who, path in PAGES:
            chrome = desk.visit(who, path)
            name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
            for width in (360, 1280, 2560):
                for dark in (False, True):
                    chrome.looks(width, dark)
                    chrome.picture(os.path.join(folder, "%s-%s-%d-%s.png" % (
                        who or "public", name or "home", width,
                        "dark" if dark else "light")))
        desk.close()
    driver.stop()


main(sys.argv[1])
