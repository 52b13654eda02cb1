"""What all tests rely on, whoever starts them."""

import signal

for _number in (signal.SIGINT, signal.SIGHUP):
    # `nohup`, and a shell that starts something in the background, have them ignored,
    # which is inherited; some tests interrupt what they start.
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(
            _number,
            signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL,
        )
