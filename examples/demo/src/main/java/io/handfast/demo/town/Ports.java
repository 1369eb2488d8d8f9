package io.handfast.demo.town;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The block of ports in use: the one that the mesh's files name, 18000 to 18399, or the same block
 * at another place when one of its ports is taken.
 *
 * @param base the first port of the block
 * @param second whether {@code transfers} is meant in its second pod, whose ports are {@value
 *     #APART} higher
 */
public record Ports(int base, boolean second) {
  static final int DEFAULT_BASE = 18_000;
  static final int APART = 30;
  private static final int[] BASES = {DEFAULT_BASE, 19_000, 20_000, 21_000, 22_000, 28_000};
  private static final Pattern IN_FILES = Pattern.compile("\\b18([0-3]\\d\\d)\\b");

  /** The last port of {@code transfers} in the mesh's files. */
  private static final int LAST_OF_TRANSFERS = 99;

  /** A service and its sidecar, with their hundred in the block. */
  public enum Member {
    TRANSFERS("transfers", 0, 2, true),
    BANK_A("bank-a", 1, 1, true),
    BANK_B("bank-b", 2, 1, true),
    AUDIT("audit", 3, 2, false);

    public final String title;
    private final int place;

    /** How many listeners its sidecar has for the calls that the service makes. */
    private final int outbound;

    /** Whether the service speaks gRPC, too. */
    final boolean grpc;

    Member(String title, int place, int outbound, boolean grpc) {
      this.title = title;
      this.place = place;
      this.outbound = outbound;
      this.grpc = grpc;
    }
  }

  /**
   * A block that is free, and which port of the default one was taken.
   *
   * @param claim held as long as the block is used, so that no other demo takes it at the same time
   */
  public record Choice(Ports ports, Optional<Integer> taken, ServerSocket claim)
      implements Closeable {
    @Override
    public void close() throws IOException {
      claim.close();
    }
  }

  Ports(int base) {
    this(base, false);
  }

  public static Choice choose() throws IOException {
    Optional<Integer> first = Optional.empty();
    for (int base : BASES) {
      Ports ports = new Ports(base);
      Optional<ServerSocket> claim = bind(ports.last());
      Optional<Integer> taken =
          claim.isEmpty()
              ? Optional.of(ports.last())
              : Stream.concat(ports.all().stream(), ports.besides().stream())
                  .filter(Ports::isTaken)
                  .findFirst();
      if (claim.isPresent() && taken.isEmpty()) {
        return new Choice(ports, first, claim.get());
      }
      if (claim.isPresent()) {
        claim.get().close();
      }
      first = first.isPresent() ? first : taken;
    }
    throw new IOException(
        "no block of ports is free: "
            + first.map(port -> "port " + port + " is taken, and").orElse("")
            + " so is one of each other block (expected: 18000 to 18399 free, or the same from"
            + " 19000, 20000, 21000, 22000 or 28000)");
  }

  /** Where the sidecar takes requests for its service. */
  public int inbound(Member member) {
    return base + member.place * 100 + (second && member == Member.TRANSFERS ? APART : 0);
  }

  /** The same, but for {@code transfers} in its other pod. */
  Ports other() {
    return new Ports(base, !second);
  }

  /** Where etcd answers, in the acts that have one; its peers would call at the next port. */
  int etcd() {
    return base + 350;
  }

  /** Where PostgreSQL listens, in the story in which sidecars have to find it. */
  int postgres() {
    return base + 360;
  }

  /** Where a service finds its database in that story: at its own sidecar. */
  int database(Member member) {
    return inbound(member) + 5;
  }

  /** Where the service's calls to its nth peer go, from 1. */
  int outbound(Member member, int nth) {
    return inbound(member) + nth;
  }

  int control(Member member) {
    return inbound(member) + 14;
  }

  /** The service itself. */
  public int service(Member member) {
    return inbound(member) + 80;
  }

  /** The service itself, over gRPC. */
  int grpc(Member member) {
    return inbound(member) + 81;
  }

  public int admin(Member member) {
    return inbound(member) + 90;
  }

  /** The last port of the block; nothing but the demo itself uses it. */
  public int last() {
    return base + 399;
  }

  /** Moves the ports that a mesh file names to this block. */
  String rewrite(String file) {
    return IN_FILES
        .matcher(file)
        .replaceAll(match -> String.valueOf(moved(Integer.parseInt(match.group(1)))));
  }

  private int moved(int inFile) {
    return base + inFile + (second && inFile <= LAST_OF_TRANSFERS ? APART : 0);
  }

  List<Integer> all() {
    List<Integer> all = new ArrayList<>();
    for (Member member : Member.values()) {
      all.addAll(of(member));
    }
    return all;
  }

  /** Those of which the files in {@code mesh/} know nothing; some are in {@code mesh/database}. */
  List<Integer> besides() {
    List<Integer> besides = new ArrayList<>(other().of(Member.TRANSFERS));
    besides.addAll(List.of(etcd(), etcd() + 1, postgres()));
    besides.addAll(List.of(database(Member.TRANSFERS)));
    besides.addAll(List.of(database(Member.BANK_A), database(Member.BANK_B)));
    return besides;
  }

  private List<Integer> of(Member member) {
    List<Integer> all = new ArrayList<>();
    all.add(inbound(member));
    for (int nth = 1; nth <= member.outbound; nth++) {
      all.add(outbound(member, nth));
    }
    all.add(control(member));
    all.add(service(member));
    if (member.grpc) {
      all.add(grpc(member));
    }
    all.add(admin(member));
    return all;
  }

  private static boolean isTaken(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(loopback(port));
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static Optional<ServerSocket> bind(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.bind(loopback(port));
      return Optional.of(socket);
    } catch (IOException e) {
      socket.close();
      return Optional.empty();
    }
  }
}
