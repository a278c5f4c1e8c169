"""The stub by hand: point OPENAI_BASE_URL at the address that it prints."""

import argparse
import threading

from tests.stub_provider.server import Stub


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.stub_provider", description=__doc__)
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--delay", type=float, default=0.05, help="seconds between two words")
    chosen = parser.parse_args()
    with Stub(chosen.port, chosen.delay) as stub:
        print(f"OPENAI_BASE_URL={stub.base_url} OPENAI_API_KEY=sk-stub", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
