# visreason for training and serving.
#
#   docker build -t visreason .                                                        # CPU
#   docker build -t visreason:cuda --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130 .
#   docker run --rm -p 8000:8000 -e VISREASON_TOKEN=secret -v "$PWD/runs:/workspace/runs" visreason
#   docker run --rm --gpus all --shm-size 8g -v "$PWD:/workspace" visreason:cuda train rn-pixels --data CLEVR_v1.0 --out runs/rn
#
# TORCH_INDEX: the wheels of the CUDA version that your driver runs, as pytorch.org lists them.
# The first stage installs, the second holds what was installed and nothing that installs.

FROM python:3.11-slim-bookworm AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG EXTRAS=serve,backbones,cluster
WORKDIR /source
RUN python -m venv /opt/visreason
ENV PATH=/opt/visreason/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY constraints.txt ./
RUN pip install --constraint constraints.txt --index-url "$TORCH_INDEX" --extra-index-url https://pypi.org/simple torch
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN pip install --constraint constraints.txt ".[$EXTRAS]"

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 1000 visreason && install --directory --owner visreason /workspace
COPY --from=build /opt/visreason /opt/visreason
ENV PATH=/opt/visreason/bin:$PATH PYTHONUNBUFFERED=1 VISREASON_CACHE=/workspace/.cache
USER visreason
WORKDIR /workspace
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/api/v1/health', timeout=4)"]
ENTRYPOINT ["visreason"]
CMD ["serve", "--host", "0.0.0.0"]
