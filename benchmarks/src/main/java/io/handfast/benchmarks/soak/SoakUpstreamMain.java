package io.handfast.benchmarks.soak;

import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.handfast.benchmarks.load.Wire;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * An upstream: {@code SoakUpstreamMain HTTP_PORT GRPC_PORT TCP_PORT}. Over HTTP/1.1 a POST is
 * answered with its body, a GET of {@code …/N} with N bytes, in chunks where the path has {@code
 * /chunks/}; gRPC has a unary method and a stream that echo, and one that answers {@code "N SIZE"}
 * with N messages; TCP echoes.
 */
public final class SoakUpstreamMain {
  private static final int BACKLOG = 1024;
  private static final int CHUNK = 8192;
  private static final int MAX_MESSAGE = 4 << 20;

  private SoakUpstreamMain() {}

  /** Runs until it is killed. */
  public static void main(String[] args) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    ServerSocket http = new ServerSocket(Integer.parseInt(args[0]), BACKLOG, loopback);
    ServerSocket tcp = new ServerSocket(Integer.parseInt(args[2]), BACKLOG, loopback);
    NettyServerBuilder grpc =
        NettyServerBuilder.forAddress(new InetSocketAddress(loopback, Integer.parseInt(args[1])))
            .maxInboundMessageSize(MAX_MESSAGE);
    for (String name : SoakLoadMain.UPSTREAMS) {
      grpc.addService(service(name));
    }
    Server server = grpc.build().start();
    Thread.ofPlatform().start(() -> accept(tcp, SoakUpstreamMain::echo));
    accept(http, SoakUpstreamMain::answer);
    server.shutdownNow();
  }

  /** What is done with a connection, to its end. */
  private interface Serving {
    void serve(InputStream in, OutputStream out) throws IOException;
  }

  private static void accept(ServerSocket server, Serving serving) {
    while (true) {
      Socket connection;
      try {
        connection = server.accept();
      } catch (IOException e) {
        System.err.println("no more connections: " + e);
        return;
      }
      Thread.ofVirtual().start(() -> serve(connection, serving));
    }
  }

  private static void serve(Socket connection, Serving serving) {
    try (connection) {
      connection.setTcpNoDelay(true);
      serving.serve(
          new BufferedInputStream(connection.getInputStream()), connection.getOutputStream());
    } catch (IOException e) {
      // The other side has gone, as it may.
    }
  }

  private static void echo(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[CHUNK];
    for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
    }
  }

  private static void answer(InputStream in, OutputStream out) throws IOException {
    for (String head = Wire.readHead(in); head != null; head = Wire.readHead(in)) {
      byte[] asked = Wire.readBody(head, in);
      String path = head.split(" ", 3)[1];
      byte[] body =
          head.startsWith("POST")
              ? asked
              : Bytes.pattern(Integer.parseInt(path.substring(path.lastIndexOf('/') + 1)));
      if (path.contains("/chunks/")) {
        chunks(body, out);
      } else {
        out.write(ascii("HTTP/1.1 200 OK\r\ncontent-length: " + body.length + "\r\n\r\n"));
        out.write(body);
      }
    }
  }

  private static void chunks(byte[] body, OutputStream out) throws IOException {
    out.write(ascii("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"));
    for (int at = 0; at < body.length; at += CHUNK) {
      int size = Math.min(CHUNK, body.length - at);
      out.write(ascii(Integer.toHexString(size) + "\r\n"));
      out.write(body, at, size);
      out.write(ascii("\r\n"));
    }
    out.write(ascii("0\r\n\r\n"));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static ServerServiceDefinition service(String name) {
    return ServerServiceDefinition.builder(name + Bytes.SERVICE)
        .addMethod(
            Bytes.method(name, MethodType.UNARY, "Unary"),
            ServerCalls.asyncUnaryCall((message, answers) -> {
              answers.onNext(message);
              answers.onCompleted();
            }))
        .addMethod(
            Bytes.method(name, MethodType.SERVER_STREAMING, "Stream"),
            ServerCalls.asyncServerStreamingCall(SoakUpstreamMain::stream))
        .addMethod(
            Bytes.method(name, MethodType.BIDI_STREAMING, "Echo"),
            ServerCalls.asyncBidiStreamingCall(Echo::new))
        .build();
  }

  private static void stream(byte[] message, StreamObserver<byte[]> answers) {
    String[] asked = new String(message, StandardCharsets.US_ASCII).split(" ", 2);
    for (int i = 0; i < Integer.parseInt(asked[0]); i++) {
      answers.onNext(Bytes.pattern(Integer.parseInt(asked[1])));
    }
    answers.onCompleted();
  }

  /** Answers each message with itself. */
  private record Echo(StreamObserver<byte[]> answers) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] message) {
      answers.onNext(message);
    }

    @Override
    public void onError(Throwable cause) {
      // The client has gone, as it may.
    }

    @Override
    public void onCompleted() {
      answers.onCompleted();
    }
  }
}
