package io.handfast.proxy.listener;

import io.netty.buffer.ByteBuf;

/** A listener filter that reads the first bytes of one connection. Confined to its loop. */
interface Inspector {

  /** What comes of a look. */
  enum Verdict {
    /** More bytes are needed. */
    MORE,
    /** It knows what it wanted to know. */
    DONE,
    /** The connection is to be closed. */
    REFUSED
  }

  /**
   * Looks at what has come so far, and takes nothing of it.
   *
   * @param begin all bytes from the first; readable, at least one
   */
  Verdict inspect(ByteBuf begin);
}
