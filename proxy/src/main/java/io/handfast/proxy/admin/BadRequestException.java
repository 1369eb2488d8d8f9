package io.handfast.proxy.admin;

/** A request that cannot be answered: 400 with the message as its body. */
final class BadRequestException extends Exception {

  private static final long serialVersionUID = 1L;

  BadRequestException(String message) {
    super(message, null, false, false);
  }
}
