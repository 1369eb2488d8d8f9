package io.handfast.xds.cache;

/** The configuration on disk cannot be used, or its directory; the message says why. */
public final class CacheException extends Exception {

  private static final long serialVersionUID = 1L;

  /** With a sentence for people. */
  public CacheException(String message) {
    super(message);
  }

  /** With a sentence for people, and what is behind it. */
  public CacheException(String message, Throwable cause) {
    super(message, cause);
  }
}
