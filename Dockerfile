# The image of a release: the web client and the wheel are built in stages of their own; the last one holds neither
# Node nor a compiler nor the sources, and runs as nobody in particular.

FROM node:22.20-bookworm-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN mkdir -p ../src/vestry && npm run build

FROM python:3.12-slim-bookworm AS wheel
WORKDIR /build
COPY requirements/build.txt requirements/base.txt requirements/
RUN python -m venv /opt/vestry \
    && /opt/vestry/bin/pip install --no-cache-dir --require-hashes -r requirements/base.txt \
    && pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY --from=web /build/src/vestry/static src/vestry/static
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/vestry/bin/pip install --no-cache-dir --no-deps --no-index --find-links dist vestry

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --create-home vestry
COPY --from=wheel /opt/vestry /opt/vestry
ENV PATH=/opt/vestry/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    VESTRY_ENVIRONMENT=production \
    VESTRY_HOME=/data \
    VESTRY_HOST=0.0.0.0 \
    VESTRY_LOG_JSON=true \
    PORT=8000
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/health/ready\", timeout=4)"]
CMD ["vestry", "serve"]
