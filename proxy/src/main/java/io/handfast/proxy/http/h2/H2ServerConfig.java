package io.handfast.proxy.http.h2;

import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.HttpStats;

/**
 * What a downstream connection is made with.
 *
 * @param config timeouts, limits and options
 * @param handler takes its requests
 * @param dispatcher its event loop
 * @param stats where it counts
 * @param bufferLimit bytes that may wait to be sent, on all of its streams together
 */
public record H2ServerConfig(
    HttpConnectionManagerConfig config,
    RequestHandler handler,
    Dispatcher dispatcher,
    HttpStats stats,
    int bufferLimit) {}
