"""`comity node serve`, but for one that waits for nobody: python serving_impatiently.py FOLDER SECONDS."""

import sys
from pathlib import Path

from comity.node.running.opening import open_node

if __name__ == "__main__":
    config = open_node(Path(sys.argv[1]))
    from comity.node.running import gateway, serving

    gateway.FIRST_BYTES = float(sys.argv[2])
    serving.HEAD_WITHIN = int(float(sys.argv[2]) * 1000)
    serving.serve(config)
