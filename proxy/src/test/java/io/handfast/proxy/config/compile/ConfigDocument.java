package io.handfast.proxy.config.compile;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.proxy.config.compile.types.EnvoyTypes;
import io.handfast.xds.resource.FieldRule;
import io.handfast.xds.resource.FieldTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Writes docs/CONFIG.md from the table of what is honoured. */
final class ConfigDocument {

  private static final String HEAD =
      """
      # Configuration: what is honoured

      Handfast is configured by Envoy's v3 protos. This is every message and field that it knows; the file is generated from
      `proxy/src/main/resources/io/handfast/proxy/config/compile/fields.txt`, the very table that every configuration is held against, by

      ```
      ./mvnw -pl proxy -am test -Dtest=ConfigDocumentTest -Dsurefire.failIfNoSpecifiedTests=false -Dhandfast.regenerate=true
      ```

      - **honoured**: does what Envoy's documentation says. In brackets: the values that are honoured; others are refused.
      - **observed**: only observes or tunes; accepted, without effect, and listed once in the log.
      - **refused**: would change what traffic does and is not built (yet): an error that names the field. A message that is not here is refused as a whole.

      Every error carries the path of its field, and all errors are told at once: `handfast validate -c FILE`. Constraints of Envoy's protos
      (required fields, lengths, ranges) hold for all honoured fields.
      Wherever a message stands in an `Any`, it may also come as an `xds.type.v3.TypedStruct` or a `udpa.type.v1.TypedStruct` of that message.
      Messages of `handfast.transaction.v1` are documented, field by field, in `tx-interceptor/src/main/proto/handfast/transaction/v1/config.proto`.

      ## Commit protocols

      A route's `boundary` (`handfast.transaction.v1.TransactionPerRoute`) names one in `protocol`:

      | `protocol` | for | needs |
      |---|---|---|
      | `TWO_PHASE` (default) | everything else; a branch in doubt waits for its coordinator | |
      | `ONE_PHASE` | transactions of which mostly one service changes something: that one decides | a journal at every sidecar that takes part |
      | `THREE_PHASE` | meshes in which who does not answer is dead: branches end a transaction whose coordinator has died. **Where the network parts, or a sidecar stands still for seconds, one side may commit and the other abort** | a journal at every sidecar that takes part |

      A sidecar whose store is shared (etcd) refuses the last two: at its own boundary when it is configured, as a participant with 409 `protocol-not-possible`. How each works is in [PROTOCOL.md](PROTOCOL.md#one_phase), what an operator sees of `THREE_PHASE` in [OPERATIONS.md](OPERATIONS.md#three_phase).
      """;

  private final FieldTable table;
  private final Map<String, Descriptor> messages;

  ConfigDocument(FieldTable table) {
    this.table = table;
    this.messages = messages();
  }

  /** Every message that a bootstrap can reach, by full name. */
  static Map<String, Descriptor> messages() {
    Map<String, Descriptor> messages = new TreeMap<>();
    Set<String> files = new HashSet<>();
    addFile(Bootstrap.getDescriptor().getFile(), files, messages);
    EnvoyTypes.ALL.forEach(
        message -> addFile(message.getDescriptorForType().getFile(), files, messages));
    return messages;
  }

  private static void addFile(
      FileDescriptor file, Set<String> files, Map<String, Descriptor> messages) {
    if (files.add(file.getFullName())) {
      file.getMessageTypes().forEach(message -> addMessage(message, messages));
      file.getDependencies().forEach(dependency -> addFile(dependency, files, messages));
    }
  }

  private static void addMessage(Descriptor message, Map<String, Descriptor> messages) {
    messages.put(message.getFullName(), message);
    message.getNestedTypes().forEach(nested -> addMessage(nested, messages));
  }

  String text() {
    StringBuilder text = new StringBuilder(HEAD);
    for (String name : table.messageNames()) {
      Descriptor message = messages.get(name);
      if (message != null) {
        append(message, text);
      }
    }
    return text.toString();
  }

  private void append(Descriptor message, StringBuilder text) {
    text.append("\n## ").append(message.getFullName()).append("\n\n");
    text.append("| field | | note |\n|---|---|---|\n");
    List<String> others = new ArrayList<>();
    for (FieldDescriptor field : message.getFields()) {
      table
          .listed(field)
          .ifPresentOrElse(rule -> append(field, rule, text), () -> others.add(field.getName()));
    }
    if (!others.isEmpty()) {
      text.append("\nRefused: ").append(String.join(", ", others)).append(".\n");
    }
  }

  private static void append(FieldDescriptor field, FieldRule rule, StringBuilder text) {
    text.append("| `").append(field.getName()).append("` | ");
    text.append(rule.status().name().toLowerCase(Locale.ROOT));
    if (!rule.values().isEmpty()) {
      text.append(" (").append(String.join(", ", rule.values())).append(')');
    }
    text.append(" | ").append(rule.note()).append(" |\n");
  }
}
