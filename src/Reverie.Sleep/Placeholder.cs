namespace Reverie.Sleep;

internal static class Placeholder;
