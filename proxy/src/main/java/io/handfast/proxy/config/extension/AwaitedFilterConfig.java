package io.handfast.proxy.config.extension;

/**
 * Stands for an HTTP filter whose configuration a control plane has not sent: requests cannot pass.
 *
 * @param resource the name that it was asked for by
 */
public record AwaitedFilterConfig(String resource) {}
