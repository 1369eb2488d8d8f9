package io.handfast.xds.stream;

import com.google.protobuf.Message;

/** A way to one xDS server, on which calls are opened one after the other. */
public interface Wire extends AutoCloseable {

  /** Begins a call; the listener hears of it from any thread, in order. */
  Call open(Listener listener);

  /** Gives the connection up, and the calls on it. */
  @Override
  void close();

  /** One bidirectional stream. Used from one thread. */
  interface Call {

    /** Sends a request; dropped if the call is over. */
    void send(Message request);

    /** One more response may come. */
    void readNext();

    /** Ends the call; the listener is told. */
    void cancel(String reason);
  }

  /** What happens to a call. */
  interface Listener {

    /** The transport is there, and takes requests. Once. */
    void ready();

    /** A response has come. */
    void received(Message response);

    /** The call is over; nothing comes after that. */
    void closed(String error);
  }
}
