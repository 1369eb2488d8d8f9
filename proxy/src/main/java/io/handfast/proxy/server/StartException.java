package io.handfast.proxy.server;

/**
 * The proxy cannot start; the message is one sentence for people, or one line per error of the
 * configuration.
 */
public final class StartException extends Exception {

  private static final long serialVersionUID = 1L;

  StartException(String message) {
    super(message);
  }

  StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
