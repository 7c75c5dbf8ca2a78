"""Who waits for a warm process: ``python -I -S client.py ADDRESS MODULE ARGUMENTS``.

It hands over its environment, working directory, input and output, waits for the process to end and
passes its exit code on. It is a file of its own, and imports nothing but the standard library,
because it is started for every report and every kernel.
"""

import json
import os
import select
import socket
import sys


def main(address, module, *arguments):
    """Ask for the process, wait for its end and return its exit code."""
    asked = {
        "module": module,
        "arguments": arguments,
        "environment": dict(os.environ),
        "folder": os.getcwd(),
    }
    message = json.dumps(asked).encode()
    with socket.socket(socket.AF_UNIX) as nursery:
        try:
            nursery.connect(address)
            socket.send_fds(nursery, [len(message).to_bytes(8, "big")], [0, 1, 2])
            nursery.sendall(message)
            # The process has them now; as long as this one held them too, nobody would see it end.
            for file in (0, 1):
                os.close(file)
            parent = os.getppid()
            while not select.select([nursery], [], [], 1)[0]:
                if os.getppid() != parent:
                    return 1  # nobody waits any more; the process ends when this one does
            said = nursery.recv(16)
        except OSError as fault:
            print(f"The parent of the warm processes does not answer: {fault}", file=sys.stderr)
            return 1
    if not said:
        print("The parent of the warm processes has died.", file=sys.stderr)
        return 1
    code = int(said)
    if code < 0:  # a signal ended it: this one ends in the same way
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    # Not sys.exit: there is nothing to tidy up, and standard output is closed.
    os._exit(main(*sys.argv[1:]))
