# SPDX-License-Identifier: ISC
"""Chromium, driven by ChromeDriver over the WebDriver protocol (W3C)."""

import base64
import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request

from desk import PATIENCE, wait_for

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--hide-scrollbars",
             "--disable-background-networking", "--no-first-run",
             "--force-device-scale-factor=1"]


class Driver:
    """ChromeDriver itself, on a port that it chooses."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)
        port = None
        while port is None:
            line = self.process.stdout.readline().decode()
            assert line, "chromedriver ended"
            found = re.search(r"started successfully on port (\d+)", line)
            port = found and found[1]
        self.url = "http://127.0.0.1:" + port

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)  # with all its browsers
        self.process.wait()
        self.process.stdout.close()

    def call(self, method, path, body=None):
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json"},
            method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None


class Chrome:
    """A window of a person's own: cookies are not shared with others."""

    def __init__(self, driver, server, script=True):
        self.driver, self.server = driver, server
        options = {"args": ARGUMENTS, "binary": "/usr/bin/chromium"}
        session = driver.call("POST", "/session", {"capabilities": {
            "alwaysMatch": {"browserName": "chrome",
                            "goog:chromeOptions": options,
                            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.path = "/session/" + session["sessionId"]
        self.call("POST", "/window/rect", width=1280, height=1000)
        if not script:
            self.cdp("Emulation.setScriptExecutionDisabled", value=True)

    def close(self):
        self.driver.call("DELETE", self.path)

    def call(self, method, path, **body):
        return self.driver.call(method, self.path + path, body)

    def cdp(self, command, **params):
        return self.call("POST", "/goog/cdp/execute", cmd=command,
                         params=params)

    def run(self, script, *args):
        return self.call("POST", "/execute/sync", script=script, args=args)

    def looks(self, width, dark=False):
        """As on a screen of that width; not for clicking beyond its foot."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=900,
                 deviceScaleFactor=1, mobile=width < 500)
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}])

    # --- what a person does

    def go(self, address):
        if address.startswith("/"):
            address = f"http://127.0.0.1:{self.server.port}{address}"
        self.call("POST", "/url", url=address)
        return self

    @property
    def address(self):
        """Where she is, from the path on."""
        return re.sub(r"^https?://[^/]+", "", self.call("GET", "/url"))

    def find(self, selector):
        """The first element of a CSS selector, once it is there."""
        return wait_for(lambda: self.all(selector))[0]

    def all(self, selector):
        found = self.call("POST", "/elements", using="css selector",
                          value=selector)
        return [each[ELEMENT] for each in found]

    def see(self, words):
        """Waits until the page shows these words."""
        try:
            wait_for(lambda: words in self.text(), 20)
        except AssertionError:
            raise AssertionError(words + ", but: " + self.text()) from None

    def text(self, selector="body"):
        return self.run("const found = document.querySelector(arguments[0]);"
                        " return found ? found.innerText : ''", selector)

    def write(self, selector, text):
        element = self.find(selector)
        self.call("POST", f"/element/{element}/clear")
        self.call("POST", f"/element/{element}/value", text=text)

    def click(self, selector):
        wait_for(lambda: self.clicks(self.find(selector)))

    def press(self, words):
        """The button that says this, or else the link."""
        def named(kind):
            return self.call("POST", "/elements", using="xpath", value=(
                f"//{kind}[normalize-space()={json.dumps(words)}]"))

        def press_first():
            found = named("button") or named("a")
            return found and self.clicks(found[0][ELEMENT])

        wait_for(press_first)

    def clicks(self, element):
        """False if the page went away in that very moment."""
        try:
            self.run("arguments[0].scrollIntoView({block: 'center',"
                     " behavior: 'instant'})", {ELEMENT: element})
            self.call("POST", f"/element/{element}/click")
        except AssertionError as error:
            if "stale element" not in str(error):
                raise
            return False
        return True

    def key(self, key):
        """Presses one, as \ue004 for the tabulator."""
        self.call("POST", "/actions", actions=[{
            "type": "key", "id": "keyboard", "actions": [
                {"type": "keyDown", "value": key},
                {"type": "keyUp", "value": key}]}])

    def sign_in(self, handle, password):
        self.go("/signin")
        self.write("#handle", handle)
        self.write("#password", password)
        self.press("Sign in")
        wait_for(lambda: not self.address.startswith("/signin"))
        return self

    # --- what a tester sees

    def complaints(self):
        """What the browser's console says since it was last asked: errors, and
        what the content security policy refused."""
        entries = self.call("POST", "/se/log", type="browser")
        return [e["message"] for e in entries if e["level"] == "SEVERE" and
                "the server responded with a status of" not in e["message"]]

    def picture(self, path):
        """The whole page as a PNG."""
        height = self.run("return document.documentElement.scrollHeight")
        width = self.run("return window.innerWidth")
        shot = self.cdp("Page.captureScreenshot", format="png",
                        captureBeyondViewport=True, clip={
                            "x": 0, "y": 0, "width": width,
                            "height": min(height, 6000), "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))


def signed_in(driver, server, handle, script=True):
    password = server.command("person", "passwd", handle).strip()
    return Chrome(driver, server, script).sign_in(handle, password)
