# syntax=docker/dockerfile:1
# Two stages: the first builds a virtual environment, the second holds it and nothing that builds.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /src

# torch first, and from the index of CPU builds: the default one drags in gigabytes of GPU libraries.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements.lock ./
RUN pip install --index-url "$TORCH_INDEX" "$(grep '^torch==' requirements.lock)"

# The lock holds the development tools too; as a constraint it pins what is needed and installs no more.
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY ingest ingest
COPY retrieval retrieval
COPY summarizer summarizer
COPY golden_queries golden_queries
COPY worker worker
RUN pip install --constraint requirements.lock ".[postgres]"

FROM python:3.11-slim
RUN groupadd --gid 10001 middlewatch \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/middlewatch --shell /usr/sbin/nologin middlewatch \
    && install -d -o 10001 -g 10001 /var/lib/middlewatch /etc/middlewatch
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1
USER 10001:10001
WORKDIR /etc/middlewatch
EXPOSE 8787
ENTRYPOINT ["middlewatch"]
CMD ["--help"]
