#!/usr/bin/env python3
import os
print("it's python", (os.environ["ROOTFS_DIR"]))
