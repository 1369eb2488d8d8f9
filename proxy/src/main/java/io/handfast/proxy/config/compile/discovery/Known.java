package io.handfast.proxy.config.compile.discovery;

import java.util.List;

/**
 * A part that was compiled. Immutable.
 *
 * @param source what it was made of
 * @param neighbours what was asked meanwhile
 * @param observed fields that are set and have no effect
 */
record Known(Object source, Neighbours neighbours, Object compiled, List<String> observed) {}
