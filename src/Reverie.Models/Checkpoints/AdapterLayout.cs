using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// An <see cref="Adapter"/> on disk as PEFT lays it out (huggingface.co/docs/peft, "PEFT checkpoint format"): each tensor has the name of the
/// weight that it adds to, after <c>base_model.model.</c>, with <c>lora_A</c> or <c>lora_B</c> before <c>weight</c>.
/// </summary>
internal static class AdapterLayout
{
    /// <summary>The file with the tensors.</summary>
    public const string WeightsFileName = "adapter_model.safetensors";

    private static readonly string[] _modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>A matrix of the model that can have an addition.</summary>
    /// <param name="Slice">Its rows of a parameter.</param>
    /// <param name="Part">Its number among the parameter's matrices.</param>
    private sealed record Module(WeightLayout.Slice Slice, int Part)
    {
        public string Name { get; } = Slice.Name[..^".weight".Length];

        public string Kind => Name[(Name.LastIndexOf('.') + 1)..];

        public string Down => $"base_model.model.{Name}.lora_A.weight";

        public string Up => $"base_model.model.{Name}.lora_B.weight";
    }

    /// <summary>Saves an adapter; see <see cref="Adapter.Save"/>.</summary>
    public static Lineage Save(string folder, Adapter adapter, Lineage lineage, string? baseModel, Action<string, Lineage>? addFiles)
    {
        Checkpoint.CheckFinite(adapter.Parameters, "adapter");
        AtomicFolder.Write(folder, temporary =>
        {
            string At(string file) => Path.Combine(temporary, file);
            using var arena = new Arena();
            IReadOnlyList<AdapterMatrix> matrices = Matrices(adapter, arena);
            WeightType type = adapter.Type;
            AtomicFile.Write(At(WeightsFileName), stream => SafeTensorsWriter.Write(stream, [.. matrices.SelectMany(m => new[]
            {
                SavedWeight.Of($"base_model.model.{m.Module}.lora_A.weight", m.Down, type: type),
                SavedWeight.Of($"base_model.model.{m.Module}.lora_B.weight", m.Up, type: type),
            })]));
            AtomicFile.Write(At(AdapterConfig.FileName), stream => AdapterConfig.Write(stream, adapter, [.. matrices.Select(m => (m.Module, m.Part))], Targets(adapter, matrices), baseModel));
            lineage = Checkpoint.SealLineage(temporary, lineage);
            addFiles?.Invoke(temporary, lineage);
        });
        return lineage;
    }

    /// <summary>An adapter as the additions to single matrices, in the model's order; parts that nothing is added to are left out.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="arena">Gets what cannot be a view.</param>
    public static IReadOnlyList<AdapterMatrix> Matrices(Adapter adapter, Arena arena)
    {
        var matrices = new List<AdapterMatrix>();
        foreach (Module module in ModulesOf(adapter.Config))
        {
            if (adapter.AdditionTo(module.Slice.Parameter) is not { } addition) continue;
            (AdapterShape shape, AdapterPart part) = (addition.Shape, addition.Shape.Parts[module.Part]);
            Tensor rows = addition.Up.View((int)module.Slice.Start, (int)module.Slice.Rows);
            int start = shape.Start(module.Part);
            if (shape.IsShared || !IsBlock(rows, start, part.Rank))
            {
                // Training may have filled the zeros beside the block: then the matrix is written with the whole A.
                if (!shape.IsShared) part = new AdapterPart(shape.Rank, addition.Scale * (adapter.IsRankStabilized ? MathF.Sqrt(shape.Rank) : shape.Rank));
                matrices.Add(new AdapterMatrix(module.Name, addition.Down, rows, part));
            }
            else if (part.Rank > 0)
            {
                Tensor block = arena.Allocate(rows.Rows, part.Rank);
                for (int row = 0; row < rows.Rows; row++) rows.Row(row).Slice(start, part.Rank).CopyTo(block.Row(row));
                matrices.Add(new AdapterMatrix(module.Name, addition.Down.View(start, part.Rank), block, part));
            }
        }

        return matrices;
    }

    /// <summary>Reads an adapter; see <see cref="Adapter.Load"/>. Everything is compared before memory is taken for it.</summary>
    public static Adapter Load(string folder, Transformer model, string? modelId, bool verify)
    {
        if (!Directory.Exists(folder)) throw new ReverieException($"There is no adapter at {folder}. Check the path.");
        Lineage? lineage = Checkpoint.ReadLineage(folder);
        if (verify && lineage is not null) Checkpoint.Verify(folder, lineage);
        foreach (string file in Adapter.FileNames)
            if (!File.Exists(Path.Combine(folder, file))) throw new ReverieException($"{folder} is not a whole adapter: it has no {file}. Fetch or save the adapter again.");
        if (lineage?.Parent is string parent && modelId is not null && parent != modelId)
            throw new ReverieException($"The adapter at {folder} was made for the model {Short(parent)}, not for {Short(modelId)}. Take the model that it was trained on.");

        var config = new AdapterConfig(Path.Combine(folder, AdapterConfig.FileName));
        using var weights = new SafeTensorsReader(Path.Combine(folder, WeightsFileName));
        var known = new HashSet<string>();
        var shapes = new Dictionary<string, AdapterShape>();
        foreach (Module[] modules in ModulesOf(model.Config).GroupBy(m => m.Slice.Parameter).Select(g => g.ToArray()))
        {
            AdapterPart[] parts = [.. modules.Select(m => PartOf(m, config, weights, known))];
            AdapterPart[] present = [.. parts.Where(p => p.Rank > 0)];
            if (present.Length == 0) continue;
            if (present.Select(p => p.Scale(config.IsRankStabilized)).Distinct().Count() > 1)
                throw config.Broken($"{string.Join(", ", modules.Select(m => m.Kind))} of one layer have additions of different strengths, where Reverie's adapters have one; merge the adapter into its model with PEFT");
            bool shared = parts.Distinct().Count() == 1 && modules.Skip(1).All(m => SameDown(weights, modules[0], m));
            shapes.Add(modules[0].Slice.Parameter, new AdapterShape(parts, shared));
        }

        if (weights.Entries.FirstOrDefault(e => !known.Contains(e.Name)) is { } odd)
            throw weights.Broken($"tensor {SafeTensorsHeader.Printable(odd.Name)} has no place in an adapter of this model");
        if (shapes.Count == 0) throw weights.Broken("it holds no addition");
        var adapter = new Adapter(model, config.Rank, config.Alpha, config.IsRankStabilized, shapes);
        try
        {
            Read(weights, adapter);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>The rank and alpha of a module, its tensors checked; rank 0 where it has no addition.</summary>
    private static AdapterPart PartOf(Module module, AdapterConfig config, SafeTensorsReader weights, HashSet<string> known)
    {
        AdapterPart part = config.Of(module.Name);
        if (!config.Names(module.Name) && weights.Find(module.Down) is null && weights.Find(module.Up) is null) return part with { Rank = 0 };
        Expect(weights, module.Down, part.Rank, module.Slice.Columns);
        Expect(weights, module.Up, module.Slice.Rows, part.Rank);
        known.Add(module.Down);
        known.Add(module.Up);
        return part;
    }

    private static void Read(SafeTensorsReader weights, Adapter adapter)
    {
        using var arena = new Arena();
        foreach (Module module in ModulesOf(adapter.Config))
        {
            if (adapter.AdditionTo(module.Slice.Parameter) is not { } addition || addition.Shape.Parts[module.Part].Rank is not (> 0 and int rank)) continue;
            int start = addition.Shape.Start(module.Part);
            weights.Read(weights.Find(module.Down)!, addition.Down.View(start, rank));
            Tensor rows = addition.Up.View((int)module.Slice.Start, (int)module.Slice.Rows);
            if (rows.Columns == rank)
            {
                weights.Read(weights.Find(module.Up)!, rows);
                continue;
            }

            Tensor block = arena.Allocate(rows.Rows, rank);
            weights.Read(weights.Find(module.Up)!, block);
            for (int row = 0; row < rows.Rows; row++) block.Row(row).CopyTo(rows.Row(row)[start..]);
            arena.Reset();
        }
    }

    private static bool SameDown(SafeTensorsReader weights, Module one, Module other)
    {
        using var arena = new Arena();
        SafeTensorsEntry first = weights.Find(one.Down)!, second = weights.Find(other.Down)!;
        Tensor a = arena.Allocate((int)first.Shape[0], (int)first.Shape[1]), b = arena.Allocate(a.Rows, a.Columns);
        weights.Read(first, a);
        weights.Read(second, b);
        return a.Span.SequenceEqual(b.Span);
    }

    private static void Expect(SafeTensorsReader weights, string name, long rows, long columns)
    {
        SafeTensorsEntry entry = weights.Find(name) ?? throw weights.Broken($"tensor {name} is missing, which an adapter of this model has with shape ({rows}, {columns})");
        if (entry.Shape is not [long r, long c] || r != rows || c != columns)
            throw weights.Broken($"tensor {name} has shape {entry.ShapeText} where the model and {AdapterConfig.FileName} ask for ({rows}, {columns})");
    }

    /// <summary>The kinds of modules, or every module by its full name where some layers have one and others not.</summary>
    private static IEnumerable<string> Targets(Adapter adapter, IReadOnlyList<AdapterMatrix> matrices)
    {
        HashSet<string> names = [.. matrices.Select(m => m.Module)];
        string[] kinds = [.. _modules.Where(kind => names.Any(n => n.EndsWith("." + kind, StringComparison.Ordinal)))];
        bool everywhere = ModulesOf(adapter.Config).All(m => names.Contains(m.Name) || !kinds.Contains(m.Kind));
        return everywhere ? kinds : names;
    }

    /// <summary>The matrices that can have additions, in the model's order. Lazy: the shape may come from a hostile config.</summary>
    private static IEnumerable<Module> ModulesOf(TransformerConfig config)
    {
        (string parameter, int part) = ("", 0);
        foreach (WeightLayout.Slice slice in WeightLayout.Slices(config))
        {
            if (!_modules.Any(m => slice.Name.EndsWith($".{m}.weight", StringComparison.Ordinal))) continue;
            (parameter, part) = (slice.Parameter, slice.Parameter == parameter ? part + 1 : 0);
            yield return new Module(slice, part);
        }
    }

    private static bool IsBlock(Tensor rows, int start, int rank)
    {
        for (int row = 0; row < rows.Rows; row++)
            if (rows.Row(row)[..start].ContainsAnyExcept(0f) || rows.Row(row)[(start + rank)..].ContainsAnyExcept(0f)) return false;
        return true;
    }

    private static string Short(string id) => SafeTensorsHeader.Printable(id.Length > 12 ? id[..12] : id);
}

/// <summary>The addition to one matrix.</summary>
/// <param name="Module">The matrix, such as <c>model.layers.0.self_attn.q_proj</c>.</param>
/// <param name="Down">A: (r, inputs).</param>
/// <param name="Up">B: (outputs, r).</param>
/// <param name="Part">r and alpha.</param>
internal sealed record AdapterMatrix(string Module, Tensor Down, Tensor Up, AdapterPart Part);
