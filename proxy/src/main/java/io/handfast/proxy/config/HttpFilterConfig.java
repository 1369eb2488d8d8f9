package io.handfast.proxy.config;

/**
 * One entry of {@code http_filters}.
 *
 * @param name its name in the chain, to which {@code typed_per_filter_config} refers
 * @param typeUrl of its {@code typed_config}, the key of the filter's factory
 * @param config what the factory parsed
 * @param disabled off, unless a route says otherwise
 */
public record HttpFilterConfig(String name, String typeUrl, Object config, boolean disabled) {

  public HttpFilterConfig {
    Checks.notEmpty("name", name);
    Checks.notEmpty("type_url", typeUrl);
  }
}
