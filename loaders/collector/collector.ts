import { type RequestHandler, Router } from "express";
import type { CollectorConfig } from "./config.js";
import { guarded } from "./decoders.js";
import { type CollectorDeps, serve } from "./intake.js";
import { createSegmentRoutes, type MessageType } from "./segment.js";
import { createWebhookRoutes } from "./webhooks.js";

/**
 * The way in for events: Segment's tracking API for website and app, and the providers' webhooks.
 * A request is answered with success only when everything in it is durable in the event log.
 *
 * Each type has two paths: the documented one, and the one-letter path that Segment's browser library posts to.
 */
const MESSAGE_PATHS: Readonly<Record<MessageType, readonly string[]>> = {
  track: ["/v1/track", "/v1/t"],
  identify: ["/v1/identify", "/v1/i"],
  page: ["/v1/page", "/v1/p"],
  screen: ["/v1/screen", "/v1/s"],
  group: ["/v1/group", "/v1/g"],
  alias: ["/v1/alias", "/v1/a"],
};
const BATCH_PATHS = ["/v1/batch", "/v1/b"];

export function createCollector(config: CollectorConfig, deps: CollectorDeps): Router {
  const router = Router();
  const guardedDeps = { ...deps, decoders: guarded(deps.decoders, deps.logger) };
  const segment = createSegmentRoutes(config, guardedDeps);
  const webhooks = createWebhookRoutes(config, guardedDeps);

  const requests = deps.metrics.counter({
    name: "rollcall_collector_requests_total",
    help: "Requests answered, by route and status.",
    labels: ["route", "status"],
  });
  const serving = { requests, logger: deps.logger };

  const allowOrigin = cors(config.allowedOrigins);
  for (const [type, paths] of Object.entries(MESSAGE_PATHS) as [MessageType, string[]][]) {
    router.post(
      paths,
      allowOrigin,
      serve(type, serving, (request) => segment.one(request, type)),
    );
  }
  router.post(BATCH_PATHS, allowOrigin, serve("batch", serving, segment.batch));
  router.options([...Object.values(MESSAGE_PATHS).flat(), ...BATCH_PATHS], allowOrigin, preflight);

  router.post("/webhooks/sendgrid", serve("sendgrid", serving, webhooks.sendgrid));
  router.post("/webhooks/twilio", serve("twilio", serving, webhooks.twilio));
  router.post("/webhooks/salesforce", serve("salesforce", serving, webhooks.salesforce));
  return router;
}

/** Browsers read the answer only when their origin is allowed. Write keys are no cookies: credentials are never allowed. */
function cors(allowed: CollectorConfig["allowedOrigins"]): RequestHandler {
  return (request, response, next) => {
    const origin = request.headers.origin;
    if (allowed === "*") {
      response.setHeader("Access-Control-Allow-Origin", "*");
    } else {
      response.setHeader("Vary", "Origin");
      if (origin !== undefined && allowed.includes(origin)) response.setHeader("Access-Control-Allow-Origin", origin);
    }
    next();
  };
}

const preflight: RequestHandler = (_request, response) => {
  response.statusCode = 204;
  response.setHeader("Access-Control-Allow-Methods", "POST");
  response.setHeader("Access-Control-Allow-Headers", "authorization, content-encoding, content-type, x-retry-count");
  response.setHeader("Access-Control-Max-Age", "86400");
  response.end();
};
