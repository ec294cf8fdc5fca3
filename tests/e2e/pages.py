# SPDX-License-Identifier: ISC
"""Every page, on a desk where something has happened: for what is to hold of
all of them, and for pictures."""

from chrome import Chrome, signed_in
from desk import Server

# who asks for it (None: a stranger), and what
PAGES = [(None, "/"), (None, "/report"), (None, "/kb"),
         (None, "/kb?search=deadlock"), (None, "/kb?search=nothing+at+all"),
         (None, "/kb?q=%23db&sort=reused"), (None, "/kb/1"),
         (None, "/report?title=deadlocks+of+the+nightly+job"),
         (None, "/signin"), (None, "STATUS"),
         (None, "/no/such/page"), ("ana", "/"), ("ana", "/incidents"),
         ("ana", "/incidents?q=%23db"), ("ana", "/incidents?q=("),
         ("ana", "/incidents/1"), ("ana", "/incidents/2"),
         ("ana", "/articles"), ("ana", "/articles/1"), ("ana", "/people"),
         ("ana", "/people/bo"), ("ana", "/me"),
         ("ana", "/me/subscriptions/preview?filter=%23db"),
         ("ana", "/admin"), ("ana", "/admin/people"),
         ("ana", "/admin/people/bo"), ("ana", "/admin/tokens"),
         ("ana", "/admin/feeds"), ("ana", "/admin/tags"),
         ("ana", "/admin/journal")]


class Desk:
    """A server with reports, an article, an admin and a stranger before it."""

    def __init__(self, folder, driver):
        self.server = server = Server(folder)
        server.command("init")
        server.start()
        server.command("person", "add", "ana", "--admin", "--tags", "db,web")
        ana = server.person("ana", exists=True)
        bo = server.person("bo", tags=["db"])
        ana.subscribe("databases", "#db or /dead ?lock/i")
        first = server.report("Checkout hangs: lock wait timeout", severity="high",
                              body="```\nERROR 1205 (HY000)\n```\nSince noon.")
        ana.edit(first, tags=["db"])
        ana.reply(first, "We look at it. **Now.**")
        ana.step(first, "pull", people=["bo"], note="You know InnoDB.")
        bo.join(first)
        bo.note(first, "`SHOW ENGINE INNODB STATUS` says it all.")
        second = server.report("Deadlock in the nightly job")
        ana.fix(second, "Lock rows in one order.", cause="Two orders.",
                title="Deadlocks of the nightly job", publish=True)
        server.report("Something else entirely")
        self.status = server.customers[first]
        self.windows = {None: Chrome(driver, server),
                        "ana": signed_in(driver, server, "ana")}

    def visit(self, who, path):
        return self.windows[who].go(self.status if path == "STATUS" else path)

    def close(self):
        for window in self.windows.values():
            window.close()
        self.server.stop()
