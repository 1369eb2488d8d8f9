package io.handfast.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import io.handfast.proxy.config.RouteAction.DirectResponse;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.Fraction;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.RequestHead;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RouteIndexTest {
  private static final int TABLES = 400;
  private static final int REQUESTS = 100;

  /** Few characters, so that texts are often beginnings of each other. µ and ß fold oddly. */
  private static final String CHARACTERS = "/aAbB/µß";

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void shouldFindWhatTryingOneAfterTheOtherFinds(long seed) {
    // Given
    Random random = new Random(seed);
    int found = 0;
    for (int table = 0; table < TABLES; table++) {
      List<Route> routes =
          IntStream.range(0, random.nextInt(60)).mapToObj(_ -> route(random)).toList();
      RouteIndex index = new RouteIndex(routes);
      for (int request = 0; request < REQUESTS; request++) {
        RequestHead head = head(random);
        String path = head.pathWithoutQuery();
        int draw = random.nextInt(Fraction.MAX_DENOMINATOR);

        // When
        int place = index.find(head, path, draw);

        // Then
        assertThat(place)
            .as("seed %d, %s among %s", seed, head, routes)
            .isEqualTo(oneAfterTheOther(routes, head, path, draw));
        found += place == RouteIndex.NO_ROUTE ? 0 : 1;
      }
    }
    assertThat(found).isBetween(TABLES * REQUESTS / 4, TABLES * REQUESTS * 99 / 100);
  }

  @Test
  void shouldFindTheLastOfManyAndNothingAmongNone() {
    // Given
    List<Route> many =
        IntStream.range(0, 10_000)
            .mapToObj(nth -> route(RouteMatch.prefix("/part-" + nth + "/")))
            .toList();
    RequestHead head = RequestHead.of("GET", "a", "/part-9999/x");

    // Then
    assertThat(new RouteIndex(many).find(head, "/part-9999/x", 0)).isEqualTo(9_999);
    assertThat(new RouteIndex(many).find(head, "/part-9999", 0)).isEqualTo(RouteIndex.NO_ROUTE);
    assertThat(new RouteIndex(List.of()).find(head, "/", 0)).isEqualTo(RouteIndex.NO_ROUTE);
  }

  private static int oneAfterTheOther(List<Route> routes, RequestHead head, String path, int draw) {
    for (int i = 0; i < routes.size(); i++) {
      if (RouteConditions.hold(routes.get(i).match(), head, path, draw)) {
        return i;
      }
    }
    return RouteIndex.NO_ROUTE;
  }

  private static Route route(Random random) {
    String text = text(random);
    PathMatch path =
        switch (random.nextInt(7)) {
          case 0, 1 -> new PathMatch.Exact("/" + text);
          case 2 -> new PathMatch.PathSeparatedPrefix("/" + text.replace('/', 'a') + "b");
          case 3 -> new PathMatch.Regex(Pattern.compile("/" + text + ".*"));
          default -> new PathMatch.Prefix(random.nextInt(30) == 0 ? "" : "/" + text);
        };
    List<HeaderMatch> headers =
        random.nextInt(3) == 0
            ? List.of(
                new HeaderMatch("x-a", new ValueTest.Present(random.nextBoolean()), false, false))
            : List.of();
    Optional<Fraction> fraction =
        random.nextInt(4) == 0
            ? Optional.of(new Fraction(random.nextInt(100), 100))
            : Optional.empty();
    return route(new RouteMatch(path, random.nextInt(3) > 0, headers, List.of(), false, fraction));
  }

  private static Route route(RouteMatch match) {
    return Route.of(match, new DirectResponse(200, ""));
  }

  private static RequestHead head(Random random) {
    RequestHead head = RequestHead.of("GET", "a", "/" + text(random) + "?q=1");
    if (random.nextBoolean()) {
      head.headers().add("x-a", "");
    }
    return head;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
    }
    return text.toString();
  }
}
