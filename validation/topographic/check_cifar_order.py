#!/usr/bin/python3
"""Is the order of the test images on this machine the official one of CIFAR-10?

Reads cifar10/test_batch.bin in NEURARIUM_DATA (or a folder given): its SHA-1 against the one that MXNet's loader publishes for
the official archive, and the first labels against those that every copy of the official test set begins with
(cat, ship, ship, airplane, frog, frog, automobile, frog, cat, automobile). Run by hand: it needs the data.
"""
import hashlib
import os
import pathlib
import sys

CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split()
home = os.environ.get("NEURARIUM_DATA") or os.path.expanduser("~/.local/share/neurarium")
folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(home) / "cifar10"
files = list(folder.rglob("test_batch.bin"))
if not files:
    sys.exit(f"{folder}: there is no test_batch.bin; get it with: neurarium data get cifar10")
data = files[0].read_bytes()
labels = data[::3073]
sha1 = hashlib.sha1(data).hexdigest()
ok = sha1 == "67eb016db431130d61cd03c7ad570b013799c88c" and list(labels[:10]) == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1]
print(f"{files[0]}: SHA-1 {sha1}, first labels {list(labels[:10])}: {'official' if ok else 'NOT the official order'}")
for index in (110, 401, 656, 420, 25, 98):
    print(f"  test image {index}: {CLASSES[labels[index]]}")
sys.exit(not ok)
