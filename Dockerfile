# One image for producer, worker, merger, dashboard and the windrow command; docker-compose.yml says which of them runs.
# The Node of package.json: layouts repeat to the bit only on the same one. Another registry: --build-arg NODE_IMAGE=...
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /opt/windrow
COPY package.json package-lock.json .npmrc ./
COPY apps/cli/package.json apps/cli/
COPY apps/dashboard/package.json apps/dashboard/
COPY apps/merger/package.json apps/merger/
COPY apps/producer/package.json apps/producer/
COPY apps/worker/package.json apps/worker/
COPY packages/common/package.json packages/common/
COPY packages/wind/package.json packages/wind/
# npm brings a second Node of the same version for machines without one; the image has its own.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM ${NODE_IMAGE}
ENV NODE_ENV=production PATH=/opt/windrow/bin:$PATH
WORKDIR /opt/windrow
COPY --from=dependencies /opt/windrow/node_modules node_modules
COPY . .
# A new volume mounted here belongs to the user of the image.
RUN mkdir -p /var/lib/windrow && chown 1000:1000 /var/lib/windrow
# `node` in Node's own images; a number, so that whoever runs the image can see that it is not root.
USER 1000:1000
CMD ["windrow", "--help"]
