# Both processes and the operator's program from one file: --target rebac, --target gateway, --target operator. Node runs the TypeScript as it is; there is no build.
ARG NODE_BUILD_IMAGE=node:24-bookworm
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_BUILD_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund --loglevel=error

FROM ${NODE_IMAGE} AS runtime
WORKDIR /app
ENV NODE_ENV=production NEXUS_ENV=production NEXUS_DATA_DIR=/data
RUN mkdir /data && chown node:node /data
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY services/common ./services/common
VOLUME /data
USER node
STOPSIGNAL SIGTERM

FROM runtime AS rebac
COPY proto ./proto
COPY services/rebac ./services/rebac
COPY scripts/containers/rebac-health.ts ./scripts/containers/
# The tunable asks Linux for large pages, which questions about a large graph gain from: docs/operations.md.
ENV REBAC_LISTEN=0.0.0.0:50051 REBAC_METRICS_LISTEN=0.0.0.0:9464 GLIBC_TUNABLES=glibc.malloc.hugetlb=1
EXPOSE 50051 9464
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["node", "scripts/containers/rebac-health.ts"]
CMD ["node", "services/rebac/main.ts"]

FROM runtime AS operator
COPY gateway ./gateway
COPY services/rebac ./services/rebac
COPY services/operator ./services/operator
ENTRYPOINT ["node", "services/operator/main.ts"]

FROM runtime AS gateway
COPY gateway ./gateway
COPY scripts/containers/gateway-health.ts ./scripts/containers/
ENV NEXUS_HOST=0.0.0.0 NEXUS_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["node", "scripts/containers/gateway-health.ts"]
CMD ["node", "gateway/main.ts"]
