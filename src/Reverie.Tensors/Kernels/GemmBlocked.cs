using System.Runtime.CompilerServices;

namespace Reverie.Tensors.Kernels;

/// <summary>
/// The blocked product for one vector width. B is packed once per product, into (block of K, panel of N, k, columns); then tasks of
/// some rows by some panels run over the whole of K. A is read where it lies, or packed by the task when its rows would fight for cache sets.
/// </summary>
internal static unsafe class GemmBlocked<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    // A tile of A (rows x KBlock) stays in the first-level cache, a task's share of B (KBlock x columns) in the second.
    private const int KBlock = 256;
    private const int TaskFloatsOfB = 1 << 17;

    // At most this many floats of packed B exist at a time (16 MB); a longer K or N is done in parts.
    private const nint PackedFloats = 1 << 22;
    private const nint LongestK = 4096;

    // Below this much work (multiply-adds, with every float of B read from memory counted as several) the caller works alone:
    // waking a worker costs microseconds.
    private const double SmallWork = 1 << 18;
    private const double TaskWork = 1 << 20;

    private static int Columns => GemmTile<TVector, TSimd>.Columns;

    public static void Multiply(WorkerPool pool, int m, int n, int k, GemmOperand a, GemmOperand b, float* c, int ldc, bool accumulate)
    {
        bool alone = (double)m * n * k + 4.0 * n * k < SmallWork;
        int kPart = (int)Math.Min(k, Math.Max(LongestK, RoundUp(PackedFloats / RoundUp(n, Columns) - KBlock, KBlock)));
        int nPart = (int)Math.Min(n, Math.Max(Columns, PackedFloats / kPart / Columns * Columns));
        float* packed = PackingBuffers.OfB.Take(RoundUp(nPart, Columns) * kPart);

        for (int n0 = 0; n0 < n; n0 += nPart)
            for (int k0 = 0; k0 < k; k0 += kPart)
            {
                int width = Math.Min(nPart, n - n0), depth = Math.Min(kPart, k - k0);
                var part = new GemmOperand(b.At(n0, k0), b.Lane, b.Step);
                Pack(alone ? null : pool, part, width, depth, packed);
                var left = new GemmOperand(a.At(0, k0), a.Lane, a.Step);
                MultiplyPart(alone ? null : pool, m, width, depth, left, packed, KBlock, c + n0, ldc, accumulate || k0 > 0);
            }
    }

    public static void MultiplyPacked(WorkerPool pool, int m, GemmOperand a, PackedMatrix weight, float* c, int ldc, bool accumulate)
    {
        bool alone = (double)m * weight.N * weight.K + 4.0 * weight.N * weight.K < SmallWork;
        MultiplyPart(alone ? null : pool, m, weight.N, weight.K, a, weight.Data, weight.K, c, ldc, accumulate);
    }

    private static void Pack(WorkerPool? pool, GemmOperand b, int n, int k, float* target)
    {
        int panels = (n + Columns - 1) / Columns;
        // Pieces of about 16 K floats: small enough to share out, large enough to be worth the claim.
        var job = new PackJob { B = b, N = n, K = k, Panels = panels, Target = target, PanelsPerPiece = Math.Max(1, (1 << 14) / (KBlock * Columns)) };
        int pieces = (panels + job.PanelsPerPiece - 1) / job.PanelsPerPiece * ((k + KBlock - 1) / KBlock);
        Run(pool, job, pieces);
    }

    private static void MultiplyPart(WorkerPool? pool, int m, int n, int k, GemmOperand a, float* packed, int kBlock, float* c, int ldc, bool accumulate)
    {
        int panels = (n + Columns - 1) / Columns;
        int rows = GemmTile<TVector, TSimd>.MaxRows;
        int tiles = (m + rows - 1) / rows;

        int panelsPerTask = Math.Max(1, Math.Min(panels, TaskFloatsOfB / (Math.Min(k, kBlock) * Columns)));
        int across = (panels + panelsPerTask - 1) / panelsPerTask;
        int threads = pool?.Threads ?? 1;
        int down = 1;
        if (pool != null)
        {
            double work = (double)m * n * k;
            int wanted = (int)Math.Clamp(work / TaskWork, threads, 16 * threads);
            down = Math.Clamp((wanted + across - 1) / across, 1, tiles);
            if (down * across < wanted) across = Math.Clamp((wanted + down - 1) / down, 1, (panels + 3) / 4);
            panelsPerTask = (panels + across - 1) / across;
            if (m <= rows) panelsPerTask = (panelsPerTask + 3) / 4 * 4;
            across = (panels + panelsPerTask - 1) / panelsPerTask;
        }

        int tilesPerTask = (tiles + down - 1) / down;
        down = (tiles + tilesPerTask - 1) / tilesPerTask;

        var job = new MultiplyJob
        {
            M = m,
            N = n,
            K = k,
            A = a,
            Packed = packed,
            KBlock = kBlock,
            C = c,
            Ldc = ldc,
            Accumulate = accumulate,
            Panels = panels,
            PanelsPerTask = panelsPerTask,
            RowsPerTask = tilesPerTask * rows,
            Down = down,
            PackA = m > rows && ConflictsInCache(a),
        };
        Run(pool, job, across * down);
    }

    // A stride that is a multiple of 2 KB maps all rows of a tile to one or two sets of the first-level cache.
    private static bool ConflictsInCache(GemmOperand a) => Math.Max(a.Lane, a.Step) % 512 == 0 || a.Lane == 1;

    private static void Run<TJob>(WorkerPool? pool, TJob job, int count) where TJob : unmanaged, IJob
    {
        if (pool != null) pool.Run(job, count);
        else for (int i = 0; i < count; i++) job.Execute(i);
    }

    private static nint RoundUp(nint value, int multiple) => (value + multiple - 1) / multiple * multiple;

    /// <summary>Packs some panels of one block of K.</summary>
    private struct PackJob : IJob
    {
        public GemmOperand B;
        public int N, K, Panels, PanelsPerPiece;
        public float* Target;

        public readonly void Execute(int index)
        {
            int pieces = (Panels + PanelsPerPiece - 1) / PanelsPerPiece;
            int k0 = index / pieces * KBlock, depth = Math.Min(KBlock, K - k0);
            int first = index % pieces * PanelsPerPiece;
            for (int panel = first; panel < Math.Min(Panels, first + PanelsPerPiece); panel++)
            {
                float* target = Target + ((nint)Panels * k0 + (nint)panel * depth) * Columns;
                B.Pack(panel * Columns, Math.Min(Columns, N - panel * Columns), k0, depth, target, Columns);
            }
        }
    }

    /// <summary>Some rows by some panels of C, over the whole of K.</summary>
    private struct MultiplyJob : IJob
    {
        public int M, N, K, KBlock, Ldc, Panels, PanelsPerTask, RowsPerTask, Down;
        public GemmOperand A;
        public float* Packed;
        public float* C;
        public bool Accumulate, PackA;

        public readonly void Execute(int index)
        {
            int firstPanel = index / Down * PanelsPerTask, endPanel = Math.Min(Panels, firstPanel + PanelsPerTask);
            int firstRow = index % Down * RowsPerTask, endRow = Math.Min(M, firstRow + RowsPerTask);
            for (int k0 = 0; ; k0 += KBlock)
            {
                int depth = Math.Min(KBlock, K - k0);
                bool accumulate = Accumulate || k0 > 0;
                float* block = Packed + (nint)Panels * k0 * Columns;
                if (endRow - firstRow <= 2) Thin(firstRow, endRow, firstPanel, endPanel, k0, depth, block, accumulate);
                else Thick(firstRow, endRow, firstPanel, endPanel, k0, depth, block, accumulate);
                if (k0 + depth >= K) break;
            }
        }

        private readonly void Thick(int firstRow, int endRow, int firstPanel, int endPanel, int k0, int depth, float* block, bool accumulate)
        {
            float* packedA = PackA ? PackingBuffers.OfA.Take((nint)GemmTile<TVector, TSimd>.MaxRows * depth) : null;
            for (int i = firstRow, rows; i < endRow; i += rows)
            {
                rows = GemmTile<TVector, TSimd>.RowsOfTile(endRow - i);
                float* a = A.At(i, k0);
                nint lane = A.Lane, step = A.Step;
                if (PackA)
                {
                    A.Pack(i, rows, k0, depth, packedA, rows);
                    a = packedA;
                    lane = 1;
                    step = rows;
                }

                for (int panel = firstPanel; panel < endPanel; panel++)
                    OneTile(i, rows, panel, a, lane, step, block + (nint)panel * depth * Columns, depth, accumulate);
            }
        }

        private readonly void Thin(int firstRow, int endRow, int firstPanel, int endPanel, int k0, int depth, float* block, bool accumulate)
        {
            const int group = GemmTile<TVector, TSimd>.ThinPanels;
            float* a = A.At(firstRow, k0);
            int rows = endRow - firstRow, panel = firstPanel;
            nint apart = (nint)depth * Columns;
            for (; panel + group <= endPanel && (panel + group) * Columns <= N; panel += group)
                GemmTile<TVector, TSimd>.Thin(
                    rows, a, A.Lane, A.Step, block + panel * apart, apart, C + (nint)firstRow * Ldc + panel * Columns, Ldc, depth, accumulate);
            for (; panel < endPanel; panel++)
                OneTile(firstRow, rows, panel, a, A.Lane, A.Step, block + panel * apart, depth, accumulate);
        }

        private readonly void OneTile(int i, int rows, int panel, float* a, nint lane, nint step, float* b, int depth, bool accumulate)
        {
            float* c = C + (nint)i * Ldc + panel * Columns;
            int columns = N - panel * Columns;
            if (columns >= Columns) GemmTile<TVector, TSimd>.Multiply(rows, a, lane, step, b, c, Ldc, depth, accumulate);
            else Edge(rows, columns, a, lane, step, b, c, depth, accumulate);
        }

        /// <summary>The last panel of N when it is not full: the tile works on a full-width copy.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private readonly void Edge(int rows, int columns, float* a, nint lane, nint step, float* b, float* c, int depth, bool accumulate)
        {
            float* copy = stackalloc float[12 * 32];
            for (int i = 0; accumulate && i < rows; i++)
                new ReadOnlySpan<float>(c + (nint)i * Ldc, columns).CopyTo(new Span<float>(copy + i * Columns, columns));
            GemmTile<TVector, TSimd>.Multiply(rows, a, lane, step, b, copy, Columns, depth, accumulate);
            for (int i = 0; i < rows; i++)
                new ReadOnlySpan<float>(copy + i * Columns, columns).CopyTo(new Span<float>(c + (nint)i * Ldc, columns));
        }
    }
}

/// <summary>Each thread's room for packed operands.</summary>
internal static class PackingBuffers
{
    [ThreadStatic]
    private static NativeBuffer? _ofA, _ofB;

    public static NativeBuffer OfA => _ofA ??= new NativeBuffer();

    public static NativeBuffer OfB => _ofB ??= new NativeBuffer();
}
