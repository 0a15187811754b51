# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy on 127.0.0.1 that stands between a replica and its source: cuts, goes silent, and edits the events of a binlog dump.

    with TcpProxy(target_port) as proxy:
        proxy.edit = lambda event: [event[:30]]     # bytes of an event without the packet's status byte -> events to send instead
        proxy.cut()                                 # every connection breaks now
        proxy.silent = True                         # nothing is forwarded, nothing is closed
        proxy.refuse = True                         # new connections are closed at once
"""

import socket
import struct
import threading

COM_BINLOG_DUMP = 0x12
MAX_PACKET = 0xffffff


class TcpProxy:
    def __init__(self, target_port):
        self.target_port = target_port
        self.edit = None
        self.raw_edit = None  # payload of a packet of the dump, status byte included -> payload
        self.silent = False
        self.refuse = False
        self.closed = False
        self.accepted = 0
        self._pairs = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True
        self._listener.close()
        self.cut()

    def cut(self):
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                _shut(end)

    def _accept(self):
        while not self.closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            try:
                if self.refuse:
                    raise OSError("refused")
                server = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._pairs.append((client, server))
            state = {"dumping": False}
            threading.Thread(target=self._pump, args=(client, server, self._to_server, state), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, self._to_client, state), daemon=True).start()

    def _pump(self, source, target, forward, state):
        try:
            while True:
                header = _read(source, 4)
                size = header[0] | header[1] << 8 | header[2] << 16
                payload = _read(source, size)
                while self.silent and not self.closed:
                    threading.Event().wait(0.02)
                forward(target, header[3], payload, state)
        except OSError:
            pass
        finally:
            _shut(source)
            _shut(target)

    @staticmethod
    def _to_server(target, number, payload, state):
        if payload[:1] == bytes([COM_BINLOG_DUMP]) and number == 0:
            state["dumping"] = True
        _send(target, number, payload)

    def _to_client(self, target, number, payload, state):
        # A packet of the greatest size goes on in the next one: those pass as they are.
        if state["dumping"] and len(payload) < MAX_PACKET and not state.get("continued"):
            if self.raw_edit:
                payload = self.raw_edit(payload)
            elif self.edit and payload[:1] == b"\0":
                for event in self.edit(payload[1:]):
                    _send(target, state.setdefault("number", number), b"\0" + event)
                    state["number"] = (state["number"] + 1) % 256
                return
        state["continued"] = len(payload) == MAX_PACKET
        if state["dumping"]:
            number = state.setdefault("number", number)
            state["number"] = (number + 1) % 256
        _send(target, number, payload)


def event_type(event):
    return event[4]


def with_checksum(event):
    """The event with a right CRC32 and size, after an edit of what stands before its last four bytes."""
    import zlib
    body = event[:9] + struct.pack("<I", len(event)) + event[13:-4]
    return body + struct.pack("<I", zlib.crc32(body))


def _send(target, number, payload):
    target.sendall(bytes([len(payload) & 255, len(payload) >> 8 & 255, len(payload) >> 16, number]) + payload)


def _read(source, size):
    data = bytearray()
    while len(data) < size:
        part = source.recv(size - len(data))
        if not part:
            raise OSError("closed")
        data += part
    return bytes(data)


def _shut(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
