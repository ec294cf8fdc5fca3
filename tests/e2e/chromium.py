# SPDX-License-Identifier: ISC
"""A real browser for a test: Chromium, led over WebDriver by ChromeDriver. As
little of the protocol as is used, so that nothing else has to be installed."""

import base64
import http.client
import json
import re
import shutil
import subprocess
import tempfile

from desk import PATIENCE, wait_for

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu",
         "--disable-dev-shm-usage", "--hide-scrollbars"]


class Chromium:
    """Pages are asked for by path; script=False turns script off."""

    def __init__(self, server, script=True):
        self.server = server
        self.folder = tempfile.mkdtemp(prefix="barnraise-chromium-")
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.port = self.read_port()
        preferences = {} if script else {
            "profile.managed_default_content_settings.javascript": 2}
        self.session = self.call("POST", "/session", {"capabilities": {
            "alwaysMatch": {"goog:loggingPrefs": {"browser": "ALL"},
                            "goog:chromeOptions": {
                "prefs": preferences, "args": FLAGS + [
                    "--user-data-dir=" + self.folder]}}}})["sessionId"]

    def read_port(self):
        while True:
            line = self.driver.stdout.readline().decode()
            assert line, "chromedriver ended"
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return int(found[1])

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            value = json.loads(answer.read())["value"]
        finally:
            connection.close()
        assert answer.status == 200, value
        return value

    def do(self, method, path, body=None):
        return self.call(
            method, "/session/%s%s" % (self.session, path), body)

    def quit(self):
        try:
            self.do("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(PATIENCE)
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- what a test does with it

    def go(self, path):
        self.do("POST", "/url", {"url": self.server.url + path})
        return self

    def path(self):
        return self.do("GET", "/url")[len(self.server.url):]

    def run(self, script, *args):
        """What a script of the test's own returns: also where pages have none."""
        return self.do("POST", "/execute/sync",
                       {"script": script, "args": list(args)})

    def find(self, css):
        found = self.do("POST", "/elements",
                        {"using": "css selector", "value": css})
        assert found, (css, self.path())
        return found[0][ELEMENT]

    def count(self, css):
        return len(self.do("POST", "/elements",
                           {"using": "css selector", "value": css}))

    def click(self, css):
        self.do("POST", "/element/%s/click" % self.find(css), {})
        return self

    def type(self, css, text):
        self.do("POST", "/element/%s/value" % self.find(css), {"text": text})
        return self

    def text(self, css="body"):
        return self.do("GET", "/element/%s/text" % self.find(css))

    def value(self, css):
        return self.do("GET",
                       "/element/%s/property/value" % self.find(css))

    def wait(self, css):
        wait_for(lambda: self.count(css))
        return self

    def wait_for_text(self, css, part):
        wait_for(lambda: self.count(css) and part in self.text(css))
        return self

    def sign_in(self, handle):
        password = self.server.command("person", "passwd", handle).strip()
        self.go("/signin").type("#handle", handle)
        self.type("#password", password).click("main button[type=submit]")
        wait_for(lambda: not self.path().startswith("/signin"))
        return self

    def complaints(self):
        """What the browser has to say: violations of the policy, errors."""
        return [line["message"] for line in self.do(
            "POST", "/se/log", {"type": "browser"})
            if line["level"] == "SEVERE"]

    # --- looking

    def send(self, command, **params):
        return self.do("POST", "/goog/cdp/execute",
                       {"cmd": command, "params": params})

    def look(self, path, width, dark=False):
        """The whole page as a PNG file."""
        self.send("Emulation.setEmulatedMedia", features=[{
            "name": "prefers-color-scheme",
            "value": "dark" if dark else "light"}])
        self.send("Emulation.setDeviceMetricsOverride", width=width,
                  height=900, deviceScaleFactor=1, mobile=width < 500)
        picture = self.send("Page.captureScreenshot", format="png",
                            captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))
