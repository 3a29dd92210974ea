from tests.delivery.fixtures import desk, mailbox, receiver

__all__ = ["desk", "mailbox", "receiver"]
