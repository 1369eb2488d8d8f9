package io.handfast.demo.town;

import io.handfast.demo.town.Ports.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The command lines of the bank's services.
 *
 * @param environment of the demo
 */
record ServiceCommands(Home home, Kind kind, Map<String, String> environment) {

  /** Of a service that keeps something in a database of that server. */
  List<String> of(Member member, Postgres server, Ports at) {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--port", String.valueOf(at.service(member))));
    String main =
        switch (member) {
          case TRANSFERS -> {
            options.addAll(banks(member, at));
            yield "TransfersMain";
          }
          case BANK_A, BANK_B -> {
            options.addAll(List.of("--name", member.title));
            options.addAll(List.of("--accounts", Accounts.option(member)));
            options.addAll(List.of("--audit-url", peer(member, 1, at)));
            yield "BankMain";
          }
          case AUDIT -> {
            options.addAll(banks(member, at));
            yield "AuditMain";
          }
        };
    if (member == Member.AUDIT) {
      return home.service(main, options, environment);
    }
    return kind == Kind.DATABASE
        ? plain(member, main, options, server, at)
        : withReservations(member, main, options, server, at);
  }

  /** Its work goes through its sidecar; its tables are made past it, as migrations are. */
  private List<String> plain(
      Member member, String main, List<String> options, Postgres server, Ports at) {
    String database = Town.database(member);
    options.addAll(List.of("--jdbc-url", Postgres.jdbcUrl(at.database(member), database)));
    options.addAll(List.of("--schema-jdbc-url", server.jdbcUrl(database)));
    return home.serviceWithAgent("plain." + main, options, environment);
  }

  private List<String> withReservations(
      Member member, String main, List<String> options, Postgres server, Ports at) {
    options.addAll(List.of("--grpc-port", String.valueOf(at.grpc(member))));
    options.addAll(List.of("--jdbc-url", server.jdbcUrl(Town.database(member))));
    return home.service(main, options, environment);
  }

  private static List<String> banks(Member member, Ports at) {
    return List.of("--banks", "bank-a=" + peer(member, 1, at) + ",bank-b=" + peer(member, 2, at));
  }

  /** The address at which a service finds its nth peer: its own sidecar. */
  private static String peer(Member member, int nth, Ports at) {
    return "http://127.0.0.1:" + at.outbound(member, nth);
  }
}
