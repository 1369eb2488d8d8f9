package io.handfast.proxy.config;

/** What happens to the host of a request that is sent upstream. */
public sealed interface HostRewrite {

  /** It stays. */
  record Keep() implements HostRewrite {}

  /** It becomes that. */
  record Literal(String host) implements HostRewrite {}

  /** It becomes the value of a request header; it stays if there is none. */
  record FromHeader(String header) implements HostRewrite {}

  /** It becomes what a regex makes of the path without its query. */
  record FromPath(RegexRewrite rewrite) implements HostRewrite {}
}
