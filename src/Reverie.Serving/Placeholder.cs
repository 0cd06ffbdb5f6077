namespace Reverie.Serving;

internal static class Placeholder;
