package io.handfast.proxy.postgres;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * What a client says before a session: packets of {@link StartupPacket}, or TLS at once. Confined
 * to the connection's loop; without a channel. Bound: one packet, and what came with it.
 */
final class Greeting {
  /** The first byte of TLS: no packet of PostgreSQL's that is short enough begins so. */
  private static final byte CLIENT_HELLO = 0x16;

  /** What is made of it; all but {@link #answer} end it, {@link #secure} until {@link #secured}. */
  interface Owner {
    /** The client is answered by one byte, at once. */
    void answer(char one);

    /**
     * TLS is to be negotiated.
     *
     * @param hello what has come of it, for the receiver to release
     */
    void secure(ByteBuf hello);

    /** This, and all that comes, is the server's as it is; the receiver's to release. */
    void cancel(ByteBuf packet);

    /**
     * A session begins.
     *
     * @param packet for the server; the receiver's to release
     * @param rest what came behind it, which may be nothing; the receiver's to release
     */
    void begin(StartupPacket.Startup startup, ByteBuf packet, ByteBuf rest);

    /** The connection is to end with this error. */
    void refuse(String sqlState, String message);
  }

  private final Owner owner;
  private boolean offersTls;
  private ByteBuf collected = Unpooled.EMPTY_BUFFER;
  private boolean sslAnswered;
  private boolean gssAnswered;
  private boolean waits;

  /**
   * @param offersTls whether TLS may be asked for
   */
  Greeting(Owner owner, boolean offersTls) {
    this.owner = owner;
    this.offersTls = offersTls;
  }

  /** Bytes of the client, taken over. */
  void feed(ByteBuf bytes, ByteBufAllocator alloc) {
    if (collected.isReadable()) {
      ByteBuf before = collected;
      collected = alloc.buffer(before.readableBytes() + bytes.readableBytes());
      collected.writeBytes(before).writeBytes(bytes);
      before.release();
      bytes.release();
    } else {
      collected.release();
      collected = bytes;
    }
    while (!waits && collected.isReadable()) {
      if (offersTls && !sslAnswered && isClientHello()) {
        secure();
        return;
      }
      int start = collected.readerIndex();
      StartupPacket packet = StartupPacket.read(collected);
      if (packet == null) {
        return;
      }
      on(packet, start);
    }
  }

  private boolean isClientHello() {
    return collected.getByte(collected.readerIndex()) == CLIENT_HELLO;
  }

  private ByteBuf take() {
    ByteBuf taken = collected;
    collected = Unpooled.EMPTY_BUFFER;
    return taken;
  }

  private void on(StartupPacket packet, int start) {
    switch (packet) {
      case StartupPacket.SslRequest _ -> onSslRequest();
      case StartupPacket.GssRequest _ -> onGssRequest();
      case StartupPacket.CancelRequest _ -> {
        waits = true;
        owner.cancel(take().readerIndex(start));
      }
      case StartupPacket.Startup startup -> {
        waits = true;
        ByteBuf all = take();
        int end = all.readerIndex();
        // The packet is a slice: TLS to the server may write behind a buffer that waits there.
        owner.begin(startup, all.retainedSlice(start, end - start), all);
      }
      case StartupPacket.Malformed malformed -> refuse(malformed.sqlState(), malformed.message());
    }
  }

  private void onSslRequest() {
    if (sslAnswered) {
      refuse("08P01", "a second SSLRequest (expected: a StartupMessage)");
      return;
    }
    sslAnswered = true;
    if (!offersTls) {
      owner.answer('N');
    } else if (collected.isReadable()) {
      // Anybody on the way may have put it there, to be taken for what was sent by TLS.
      refuse("08P01", "received unencrypted data after SSL request");
    } else {
      owner.answer('S');
      secure();
    }
  }

  private void onGssRequest() {
    if (gssAnswered) {
      refuse("08P01", "a second GSSENCRequest (expected: a StartupMessage)");
    } else {
      gssAnswered = true;
      owner.answer('N');
    }
  }

  private void secure() {
    waits = true;
    owner.secure(take());
  }

  private void refuse(String sqlState, String message) {
    waits = true;
    owner.refuse(sqlState, message);
  }

  /** TLS is there: what comes now came by it. */
  void secured() {
    waits = false;
    offersTls = false;
  }

  /** Nothing more comes. */
  void close() {
    waits = true;
    take().release();
  }
}
