namespace Reverie.Chat;

/// <summary>What models have to do.</summary>
/// <param name="Running">Sequences that are being decoded.</param>
/// <param name="Waiting">Sequences that wait for a place.</param>
/// <param name="UsedPages">Pages of keys and values that sequences use.</param>
/// <param name="Pages">Pages of keys and values in all.</param>
public readonly record struct ModelLoad(int Running, int Waiting, int UsedPages, int Pages);
