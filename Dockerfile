# syntax=docker/dockerfile:1
# SPDX-License-Identifier: EUPL-1.2
#
#   docker build --tag getij .
#   docker run --read-only --tmpfs /tmp --volume getij:/data --publish 8000:8000 getij

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python3 -m venv /opt/getij
COPY requirements/runtime.lock requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/getij/bin/python -m pip install --no-compile --require-hashes --only-binary=:all: -r requirements/runtime.lock
COPY LICENSE README.md pyproject.toml ./
COPY models models
COPY training training
COPY service service
RUN /opt/getij/bin/python -m pip install --no-deps --no-build-isolation . && \
    /opt/getij/bin/python -m pip uninstall --yes hatchling editables pip && \
    /opt/getij/bin/python -m compileall -qq -j 0 -x '[/\\]tests?[/\\]' /opt/getij/lib
RUN mkdir /data

FROM python:3.11-slim-bookworm
COPY --from=build /opt/getij /opt/getij
COPY --from=build --chown=10001:10001 /data /data
# All that is written goes to /data, but for passing files; the root may be read-only.
ENV PATH=/opt/getij/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    TMPDIR=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    GETIJ_DATA_DIR=/data \
    GETIJ_HOST=0.0.0.0 \
    GETIJ_PORT=8000
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8000
# The first start trains before it serves.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5m \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['GETIJ_PORT']}/livez\", timeout=4)"]
CMD ["getij", "run"]
