# syntax=docker/dockerfile:1
# All that is done here is scripts/image.mjs, which the tests run as well: they lay the same tree and drive a mission in it.
# docker buildx build --platform linux/amd64,linux/arm64 --tag fieldline:0.1.0 .

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /build/fieldline
COPY . .
RUN ["node", "scripts/image.mjs", "/image"]

# Nothing but Node, the libraries it loads, and Fieldline: no shell, no package manager.
FROM scratch
COPY --from=build /image/ /
COPY --from=build --chown=65532:65532 /image/data /data
USER 65532:65532
WORKDIR /app
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/node", "/app/main.mjs"]
CMD ["--config", "/etc/fieldline/fieldline.json"]
