"""Asks a demo's API everything that its OpenAPI document allows, and much that it does not."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]
BINARY = os.environ.get("STUDIO_BRAIN_BINARY", str(CHECKOUT / "target/debug/studio-brain"))
SECONDS = int(os.environ.get("FUZZ_SECONDS", "40"))
PATIENCE = 120
AGENT = "agent-glaze-scout"
WHY = {"reason": "The fuzzing goes on."}
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


class AtSocket(http.client.HTTPConnection):
    """HTTP over the operators' socket."""

    def __init__(self, path):
        super().__init__("studio-brain")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self.path))


class Demo:
    """The demo as a person starts it: the real binary, a fresh data directory, a free port."""

    def __init__(self, data):
        self.data = pathlib.Path(data)
        command = [BINARY, "demo", "--port", "0", "--data", data]
        quiet = os.environ | {"STUDIO_BRAIN_TELEMETRY_LEVEL": "error"}
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=quiet)
        # A demo that never says where it is is ended, which ends the reading of its output, too.
        late = threading.Timer(PATIENCE, self.child.kill)
        late.start()
        found = (re.match(r"\s*Cockpit: (http://127\.0\.0\.1:\d+)/\s*$", line) for line in self.child.stdout)
        origin = next(filter(None, found), None)
        late.cancel()
        if origin is None:
            raise SystemExit(f"the demo said nothing of a cockpit, and ended with {self.child.wait()}")
        self.origin = origin.group(1)
        # Whatever it says later is read and dropped: a demo that nobody reads stands still.
        threading.Thread(target=self.child.stdout.read, daemon=True).start()

    def wait_until_ready(self):
        """A key is for an agent that the mirror knows: it has to have read them."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return urllib.request.urlopen(f"{self.origin}/readyz").close()
            except urllib.error.HTTPError as answer:
                assert answer.code == 503 and time.monotonic() < end, f"/readyz was answered with {answer.code}"
            time.sleep(0.1)

    def let_in(self, path, headers):
        """A credential that opens nothing would make every answer a 401, and the run worthless."""
        headers = dict(header.split(": ", 1) for header in headers)
        with urllib.request.urlopen(urllib.request.Request(f"{self.origin}{path}", None, headers)) as answer:
            assert answer.status == 200

    def staff_session(self):
        """Signs in as a browser does; the cookie."""

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        form = urllib.parse.urlencode({"persona": "uid_staff_ines"}).encode()
        request = urllib.request.Request(f"{self.origin}/session/persona", form, {"Origin": self.origin})
        try:
            urllib.request.build_opener(Stay).open(request)
        except urllib.error.HTTPError as answer:
            assert answer.code == 303, f"signing in was answered with {answer.code}"
            return answer.headers["Set-Cookie"].split(";")[0]
        raise SystemExit("signing in led nowhere")

    def operate(self, path, body, expected):
        """Asks at the operators' socket, where the operating system says who we are; the answer's JSON."""
        connection = AtSocket(self.data / "studio-brain.sock")
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status in expected, f"{path} was answered with {answer.status}: {text}"
        return json.loads(text or "null")

    def agent_key(self):
        self.wait_until_ready()
        wanted = {"agent": AGENT, "name": "Fuzz", "scopes": ["capability:*:execute"], "days": 1}
        return self.operate("/api/v1/agents/keys", wanted, [201])["key"]

    def keep_agent_going(self, stop):
        """Ends the agent's pauses, again and again: it is denied all the time. Often it need not pause, which is a 404."""
        while not stop.wait(0.1):
            self.operate(f"/api/v1/agents/{AGENT}/resume", WHY, [204, 404])

    def stop(self):
        self.child.send_signal(signal.SIGINT)
        try:
            return self.child.wait(30)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()


def fuzz(demo, who, headers, operations):
    """Runs schemathesis; whether all went well."""
    print(f"-- as {who}: {len(operations)} operations, {SECONDS} s at most", flush=True)
    command = [
        str(pathlib.Path(sys.executable).parent / "schemathesis"), "--no-color", "run",
        f"{demo.origin}/api/v1/openapi.json", "--checks", CHECKS, "--max-time", str(SECONDS), "--workers", "2",
        "--phases", "examples,coverage,fuzzing", "--seed", "4", "--generation-database", "none", "--warnings", "off",
        "--max-examples", "60", "--request-timeout", "30", "--suppress-health-check", "all", "--continue-on-failure",
    ]
    for header in headers:
        command += ["--header", header]
    for operation in operations:
        command += ["--include-operation-id", operation]
    with tempfile.TemporaryDirectory() as place:
        return subprocess.run(command, cwd=place, timeout=4 * SECONDS + 60, check=False).returncode == 0


def main():
    with tempfile.TemporaryDirectory(prefix="studio-brain-") as data:
        demo = Demo(data)
        try:
            with urllib.request.urlopen(f"{demo.origin}/api/v1/openapi.json") as answer:
                document = json.load(answer)
            described = [one for methods in document["paths"].values() for one in methods.values()]
            of = lambda *roles: [one["operationId"] for one in described if set(roles) & set(one["x-who"])]
            # The agent first: among the things that staff may do is to stop everything.
            stop, key = threading.Event(), [f"Authorization: Bearer {demo.agent_key()}"]
            going = threading.Thread(target=demo.keep_agent_going, args=(stop,), daemon=True)
            demo.let_in("/api/v1/may-i?act=propose&capability=ops_note.append", key)
            going.start()
            well = fuzz(demo, "agent", key, of("anyone", "agent"))
            stop.set()
            going.join()
            session = [f"Cookie: {demo.staff_session()}", f"Origin: {demo.origin}"]
            demo.let_in("/api/v1/status", session)
            well &= fuzz(demo, "staff", session, of("anyone", "staff", "operator"))
        finally:
            code = demo.stop()
    if code != 0:
        print(f"the demo ended with {code}")
    return 0 if well and code == 0 else 1


sys.exit(main())
