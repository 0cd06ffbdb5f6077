using Reverie.Chat;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary>What all endpoints work with.</summary>
/// <param name="Catalog">The models.</param>
/// <param name="Options">How the server behaves.</param>
/// <param name="Measures">What is counted.</param>
/// <param name="Draining">Set when replies must end, because the server does.</param>
/// <param name="Meters">What keys have used.</param>
/// <param name="Journal">Keeps what is to be stored; null where nothing is kept.</param>
/// <param name="Retriever">Finds what users typed earlier; null where nothing is kept.</param>
internal sealed record Backend(ModelCatalog Catalog, ServerOptions Options, Measures Measures, Draining Draining, KeyMeters Meters, IJournal? Journal = null, Retriever? Retriever = null);
