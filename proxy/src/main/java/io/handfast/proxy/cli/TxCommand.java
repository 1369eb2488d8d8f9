package io.handfast.proxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.handfast.tx.operator.TransactionFilter;
import java.io.Console;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code handfast tx}: what a running sidecar knows of transactions, and what people decide. */
@Command(
    name = "tx",
    description = "Shows the transactions of a running sidecar, and decides what it cannot.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {TxCommand.Resolve.class, TxCommand.Forget.class},
    footer = {
      "",
      "resolve and forget need the sidecar's operator token, which its own user can read.",
      "Exits with 1 if nobody answers, the transaction is not known there, or it was refused."
    })
final class TxCommand implements Runnable {

  /** How it is printed. */
  enum Output {
    table,
    json
  }

  private static final Pattern TX_ID = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:15000",
      scope = ScopeType.INHERIT,
      description = "The sidecar's administration server; default ${DEFAULT-VALUE}.")
  private String admin = "127.0.0.1:15000";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "table",
      scope = ScopeType.INHERIT,
      description = "table (default) or json.")
  private Output output = Output.table;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command (expected: list, show, watch, resolve or forget)");
  }

  @Command(
      name = "list",
      description = "In flight, those in doubt first and of them the oldest, and ended lately.",
      mixinStandardHelpOptions = true)
  int list(
      @Option(
              names = "--state",
              paramLabel = "STATE",
              description =
                  "Only these: active, in-doubt, kept (for people), ended, or a state as listed.")
          @Nullable String state,
      @Option(
              names = "--older-than",
              paramLabel = "DURATION",
              description = "Only those known for that long: 500ms, 30s, 5m, 2h, 1d.")
          @Nullable String olderThan,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "500",
              description =
                  "At most so many in flight, and so many that ended: 1 to 10000; default"
                      + " ${DEFAULT-VALUE}.")
          int limit) {
    TransactionFilter filter = filter(state, olderThan, limit);
    return print(
        "/transactions?older_than_ms="
            + filter.olderThan().toMillis()
            + "&limit="
            + filter.limit()
            + "&state="
            + filter.state(),
        TxTables::list);
  }

  private TransactionFilter filter(@Nullable String state, @Nullable String olderThan, int limit) {
    Duration age = olderThan == null ? Duration.ZERO : duration(olderThan);
    try {
      return new TransactionFilter(state == null ? "" : state, age, limit);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  @Command(
      name = "show",
      description = "One transaction: its branches, who waits for whom, and its timeline.",
      mixinStandardHelpOptions = true)
  int show(
      @Parameters(paramLabel = "ID", description = "tx-id: 32 hexadecimal digits.") String id) {
    return print("/transactions/" + txId(id), TxTables::show);
  }

  @Command(
      name = "watch",
      description = {
        "Every change of state that is seen when looking once a second, until Ctrl-C: of what"
            + " changes faster, the last.",
        "With -o json one object per line: the summary as of list, and the state and outcome"
            + " before, which are empty where it is new."
      },
      mixinStandardHelpOptions = true)
  int watch() {
    CountDownLatch over = new CountDownLatch(1);
    CountDownLatch printed = new CountDownLatch(1);
    // Ctrl-C ends the watch between two lines, not within one.
    Thread hook =
        Thread.ofPlatform()
            .unstarted(() -> {
              over.countDown();
              try {
                printed.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      new TxWatch(
              new AdminClient(admin),
              spec.commandLine().getOut(),
              spec.commandLine().getErr(),
              output == Output.json)
          .run(over);
      return 0;
    } catch (AdminClient.Failure e) {
      return failed(e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    } finally {
      printed.countDown();
      if (over.getCount() > 0) {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
  }

  /** One of the two. */
  static final class Decision {
    @Option(names = "--commit", required = true, description = "Make what the branch did final.")
    private boolean commit;

    @Option(names = "--abort", required = true, description = "Undo what the branch did.")
    private boolean abort;

    private String word() {
      return commit && !abort ? "commit" : "abort";
    }
  }

  /** {@code handfast tx resolve}. */
  @Command(
      name = "resolve",
      description = {
        "Decides for the branches of a transaction that are in doubt at this sidecar: a heuristic"
            + " decision, recorded with who, when and why.",
        "If the coordinator decided otherwise the outcome is mixed, and somebody has to repair it."
      },
      mixinStandardHelpOptions = true)
  static final class Resolve implements java.util.concurrent.Callable<Integer> {
    @picocli.CommandLine.ParentCommand private TxCommand tx = new TxCommand();

    @Parameters(paramLabel = "ID", description = "tx-id: 32 hexadecimal digits.")
    private String id = "";

    @ArgGroup(multiplicity = "1")
    private Decision decision = new Decision();

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        required = true,
        description = "Why; recorded.")
    private String reason = "";

    @Option(
        names = "--by",
        paramLabel = "NAME",
        description = "Who decides; recorded. Default: the login of this command.")
    private @Nullable String by;

    @Option(
        names = {"-y", "--yes"},
        description = "Do not ask.")
    private boolean yes;

    @Override
    public Integer call() {
      String word = decision.word();
      return tx.command(
          id,
          yes,
          word.equals("commit") ? "Commit" : "Abort",
          "/transaction_resolve?decision=" + word,
          by,
          reason);
    }
  }

  /** {@code handfast tx forget}. */
  @Command(
      name = "forget",
      description = {
        "Shows no more what stays of a transaction here: a hazard, an end that an operator decided,"
            + " a decision that somebody does not acknowledge.",
        "Who asks or tells later is still answered from what it was."
      },
      mixinStandardHelpOptions = true)
  static final class Forget implements java.util.concurrent.Callable<Integer> {
    @picocli.CommandLine.ParentCommand private TxCommand tx = new TxCommand();

    @Parameters(paramLabel = "ID", description = "tx-id: 32 hexadecimal digits.")
    private String id = "";

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        defaultValue = "settled by hand",
        description = "Why; recorded. Default: ${DEFAULT-VALUE}.")
    private String reason = "";

    @Option(
        names = "--by",
        paramLabel = "NAME",
        description = "Who decides; recorded. Default: the login of this command.")
    private @Nullable String by;

    @Option(
        names = {"-y", "--yes"},
        description = "Do not ask.")
    private boolean yes;

    @Override
    public Integer call() {
      return tx.command(id, yes, "Forget", "/transaction_forget?", by, reason);
    }
  }

  private int command(
      String id, boolean yes, String verb, String path, @Nullable String by, String reason) {
    String txId = txId(id);
    PrintWriter out = spec.commandLine().getOut();
    try {
      AdminClient client = new AdminClient(admin);
      if (!yes) {
        out.print(TxTables.show(client.get("/transactions/" + txId).json()));
        if (!asked(verb + " transaction " + txId)) {
          out.println("Nothing was changed.");
          out.flush();
          return Main.FAILED;
        }
      }
      String who = by == null ? System.getProperty("user.name", "unknown") : by;
      AdminClient.Answer answer =
          client.post(
              path + "&id=" + txId + "&by=" + encoded(who) + "&reason=" + encoded(reason),
              TokenFile.read(client));
      out.print(output == Output.json ? answer.text() : done(txId, answer.json()));
      out.flush();
      return 0;
    } catch (AdminClient.Failure e) {
      return failed(e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static String done(String txId, JsonNode result) {
    StringBuilder line =
        new StringBuilder(txId).append(": ").append(result.path("message").asText());
    result.path("branches").forEach(branch -> line.append(' ').append(branch.asText()));
    return line.append('\n').toString();
  }

  /** On the terminal alone: what comes through a pipe is no answer of a person. */
  @SuppressWarnings("SystemConsoleNull") // what its signature allows is checked for
  private boolean asked(String question) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      throw new ParameterException(
          spec.commandLine(), "no terminal to ask on (expected: one, or --yes)");
    }
    String answer = console.readLine("%n%s? (yes/no) ", question);
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).equals("yes");
  }

  private String txId(String id) {
    String txId = id.toLowerCase(Locale.ROOT);
    if (!TX_ID.matcher(txId).matches()) {
      throw new ParameterException(
          spec.commandLine(), "ID: " + id + " (expected: 32 hexadecimal digits)");
    }
    return txId;
  }

  private Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new ParameterException(
          spec.commandLine(),
          "--older-than: " + text + " (expected: a number and ms, s, m, h or d, such as 5m)");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private interface Table {
    String render(JsonNode answer);
  }

  private int print(String path, Table table) {
    try {
      AdminClient.Answer answer = new AdminClient(admin).get(path);
      spec.commandLine()
          .getOut()
          .print(output == Output.json ? answer.text() : table.render(answer.json()));
      spec.commandLine().getOut().flush();
      return 0;
    } catch (AdminClient.Failure e) {
      return failed(e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private int failed(AdminClient.Failure failure) {
    spec.commandLine().getErr().println(failure.getMessage());
    return Main.FAILED;
  }
}
