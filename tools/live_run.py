"""Runs of the real program for the check of `nolabel open`: photos, commands, and what they leave."""

import collections
import csv
import json
import re
import signal
import subprocess
import tarfile
import threading
import time
import urllib.error
import urllib.request

CLASSES = 10


def unpack_photos(archive, folder, count):
    """The first training images of each class, in one folder without classes."""
    folder.mkdir()
    taken = collections.Counter()
    with tarfile.open(archive) as files:
        for file in files:
            split, label, name = file.name.split("/")[-3:]
            if not file.isfile() or split != "train" or taken[label] == count // CLASSES:
                continue
            taken[label] += 1
            (folder / f"{label}-{name}").write_bytes(files.extractfile(file).read())


class CommandFailed(Exception):
    """The command ended otherwise than it must."""


def command(program, *words, code=0):
    """The ended process and its seconds. Its errors must be one line."""
    started = time.monotonic()
    ended = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
    if ended.returncode != code or (code and len(ended.stderr.strip().split("\n")) != 1):
        raise CommandFailed(f"nolabel {' '.join(map(str, words))} ended with {ended.returncode}: "
                            f"{ended.stderr}")
    return ended, time.monotonic() - started


def rows_of(file):
    """path -> the row as a dictionary."""
    with open(file, newline="", encoding="utf-8") as text:
        return {row["path"]: row for row in csv.DictReader(text)}


def in_force(program, run):
    return json.loads(command(program, "edits", run, "--json", "-")[0].stdout)


class Opened:
    """`nolabel open RUN`, from its start to its end."""

    def __init__(self, program, run):
        started = time.monotonic()
        self.lines, self.url = [], None
        self.process = subprocess.Popen([program, "open", str(run)], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        opened = threading.Event()

        def read():
            for line in self.process.stderr:
                self.lines.append(line)
                found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\w+)", line)
                if found:
                    self.url, self.port, self.token = found[0], found[1], found[2]
                    opened.set()
            opened.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        opened.wait()
        if self.url is None:
            self.process.wait()
            raise CommandFailed(f"nolabel open ended: {''.join(self.lines)}")
        self.seconds = time.monotonic() - started

    def request(self, path, body=None, token=None):
        """The status and the JSON of an answer, as a program that is no browser gets it."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Nolabel-Token": self.token if token is None else token}
        if data:
            headers["Content-Type"] = "application/json"
        url = f"http://127.0.0.1:{self.port}/{path}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def end(self, number=signal.SIGINT):
        """What it printed and how many seconds it took to end."""
        started = time.monotonic()
        self.process.send_signal(number)
        printed = self.process.stdout.read()
        self.process.wait()
        self.reader.join()
        return printed, time.monotonic() - started
