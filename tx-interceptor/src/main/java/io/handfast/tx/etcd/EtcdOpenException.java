package io.handfast.tx.etcd;

/** The store on etcd could not be opened; the message says why and what to do. */
public final class EtcdOpenException extends Exception {
  private static final long serialVersionUID = 1L;

  EtcdOpenException(String message, Throwable cause) {
    super(message, cause);
  }

  EtcdOpenException(String message) {
    super(message);
  }
}
