package io.handfast.tx.interceptor;

/** One header. Immutable. */
public record Field(String name, String value) {}
